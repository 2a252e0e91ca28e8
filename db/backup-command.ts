import { COPY_LIMITS } from './backup/copy.ts'
import { describeRows } from './backup/format.ts'
import { writeBackup } from './backup/write.ts'
import { parseOptions, runCommand, UsageError } from './commands/command.ts'
import { withConnection, withDatabase } from './commands/command-database.ts'
import { showProgress } from './commands/progress.ts'

const HELP = `Usage: npm run backup -- FILE

  Writes clicks, banners and keys (as hashes), as they are at one moment, into a new file (gzip). The service may go
  on running.

The database is that of the service's settings: see npm run config.
`

async function main(args: readonly string[]): Promise<void> {
  const [path, ...more] = parseOptions(args, []).rest
  if (path === undefined || more.length > 0) throw new UsageError('name one FILE')
  const progress = showProgress()
  const rows = await withDatabase({ mayBeNew: false }, ({ server }) =>
    withConnection(server, 'clickcounter backup', COPY_LIMITS, client =>
      writeBackup(client, path, progress.on),
    ),
  ).finally(progress.end)
  process.stdout.write(`${path}: ${describeRows(rows)}\n`)
}

await runCommand(HELP, main)
