import { COPY_LIMITS } from './backup/copy.ts'
import { type BackupHeader, describeRows } from './backup/format.ts'
import { readBackup } from './backup/read.ts'
import { expectKnownBackup, expectNoRows, restoreBackup } from './backup/restore.ts'
import { parseOptions, runCommand, UsageError } from './commands/command.ts'
import { type CommandDatabase, withConnection, withDatabase } from './commands/command-database.ts'
import { confirm } from './commands/confirm.ts'
import { showProgress } from './commands/progress.ts'
import { warningOfServices } from './commands/running-services.ts'
import { SERVICE_LIMITS } from './connection/transaction.ts'
import { occupiedTables } from './schema/losses.ts'

const HELP = `Usage: npm run restore -- FILE [--replace] [--yes]

  Puts a backup (npm run backup) into a database without clicks and banners, all of it or nothing. Keys that are there
  stay. All sessions of the page end.

  --replace  drop what is in the tables
  --yes      do not ask (it asks before it drops something, and while a service runs)

The database is that of the service's settings: see npm run config.
`

/** This database may not know what became of the backup's keys since then. */
const KEYS_ARE_BACK =
  'Its keys are in force again, also those that were revoked since then in a database that is gone: npm run keys -- list shows them\n'

async function main(args: readonly string[]): Promise<void> {
  const { given, rest } = parseOptions(args, ['replace', 'yes'])
  const [path, ...more] = rest
  if (path === undefined || more.length > 0) throw new UsageError('name one FILE')
  const isReplacing = given.has('replace')
  // Read the whole file first: a damaged one is found before anything is asked or changed.
  const { header } = await readBackup(path, { header: expectKnownBackup })
  const progress = showProgress()
  const { rows } = await withDatabase({ mayBeNew: true }, async database => {
    await confirm(await warnings(database, header, isReplacing), given.has('yes'))
    return await withConnection(database.server, 'clickcounter restore', COPY_LIMITS, client =>
      restoreBackup(client, path, { isReplacing, onProgress: progress.on }),
    )
  }).finally(progress.end)
  process.stdout.write(`the tables are as they were at ${header.at}: ${describeRows(rows)}\n`)
  if ((rows.access_keys ?? 0) > 0) process.stdout.write(KEYS_ARE_BACK)
}

async function warnings(
  { server, isDirectoryHeld }: CommandDatabase,
  header: BackupHeader,
  isReplacing: boolean,
): Promise<string[]> {
  return await withConnection(server, 'clickcounter restore', SERVICE_LIMITS, async client => {
    if (!isReplacing) await expectNoRows(client, header)
    const services = isDirectoryHeld
      ? ['A service is at work on this database.']
      : await warningOfServices(client)
    return [
      ...services.map(
        service => `${service} Stop it first: what it stores until the end of the restore is dropped.`,
      ),
      ...(await occupiedTables(client, header.schemaVersion)).map(table => `drops ${table}`),
    ]
  })
}

await runCommand(HELP, main)
