import { text } from 'node:stream/consumers'
import type pg from 'pg'
import { isKeyText, KEY_FORM } from '../lib/access/key-text.ts'
import { SCOPES, type Scope } from '../lib/access/scopes.ts'
import { expectWantedKey } from '../lib/access/wanted-key.ts'
import { entriesOf } from '../lib/config/list.ts'
import { listed, quote } from '../lib/config/wording.ts'
import { createKey, idOfKey, listKeys, type MadeKey, revokeKey, rotateKey } from './access/change-keys.ts'
import { parseOptions, runCommand, UsageError } from './commands/command.ts'
import { withConnection, withDatabase } from './commands/command-database.ts'
import { confirm } from './commands/confirm.ts'
import { durationOf, endOf } from './commands/key-options.ts'
import { describeEnd, describeKeys } from './commands/key-table.ts'
import { serverInUse } from './connection/hosts.ts'
import { SERVICE_LIMITS } from './connection/transaction.ts'
import { migrate } from './schema/migrate.ts'

const HELP = `Usage: npm run keys -- create [--name NAME] [--scopes SCOPES] [--expires WHEN]
       npm run keys -- list
       npm run keys -- revoke ID [--yes]
       npm run keys -- rotate ID [--overlap TIME] [--expires WHEN]

  ID         as list shows it; or - for the text of a key, from the standard input

  create     make a key, and print its text once
  list       all keys, and those that were revoked in the last 90 days
  revoke     end a key at once
  rotate     make a key in the place of ID, which stays in force for the time of --overlap

  --name     up to 100 characters, for people
  --scopes   ${SCOPES.join(',')} (the default): bulks; clicks and the dashboard; banners; /health, /metrics and keys
  --expires  a time from now such as 90d or 12h, a date, or never (the default; of rotate: as the old key)
  --overlap  how long the old key stays in force, such as 24h (the default); 0h ends it at once
  --yes      do not ask (revoke asks before the last key goes)

The text of a key alone goes to the standard output: npm run --silent keys -- create > FILE
Running services know of a change within 2 seconds.
The database is that of the service's settings: see npm run config.
`

/** Whoever may use the shell may do everything. */
const MADE_BY = 'shell'
const OVERLAP = '24h'

const ACTIONS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  create,
  list,
  revoke,
  rotate,
}

async function main([action = '', ...args]: readonly string[]): Promise<void> {
  if (!Object.hasOwn(ACTIONS, action)) throw new UsageError('say create, list, revoke ID or rotate ID')
  await ACTIONS[action]!(args)
}

/** Works on a new database as well: it is the first thing that somebody does who wants a closed service. */
async function create(args: readonly string[]): Promise<void> {
  const { texts, rest } = parseOptions(args, [], ['name', 'scopes', 'expires'])
  if (rest.length > 0) throw new UsageError('create takes options alone: a name follows --name')
  const wanted = {
    name: texts.get('name') ?? `key of ${new Date().toISOString().slice(0, 10)}`,
    scopes: entriesOf(texts.get('scopes') ?? SCOPES.join()) as Scope[],
    expiresAtMs: endOf(texts.get('expires') ?? 'never', Date.now()),
    createdBy: MADE_BY,
  }
  // Before a database is started or made for it.
  expectWantedKey(wanted, Date.now())
  await withDatabase({ mayBeNew: true }, async ({ server }) => {
    for (const step of await migrate(server, { kind: 'up' })) tell(step)
    await withConnection(server, 'clickcounter keys', SERVICE_LIMITS, async client => {
      const isFirst = (await listKeys(client)).every(({ revokedAtMs }) => revokedAtMs !== null)
      show(await createKey(client, wanted))
      if (isFirst)
        tell(
          'It is the first key: from now on bulks, /stats and the dashboard need one. Single clicks do not.',
        )
      // Without the service's settings, this is an embedded Postgres that was made just now.
      tell(`Services with the database ${quote(server.name)} on ${serverInUse(server).host} know it.`)
    })
  })
}

async function list(args: readonly string[]): Promise<void> {
  if (args.length > 0) throw new UsageError('list takes nothing else')
  await withKeys(async client => {
    const keys = await listKeys(client)
    process.stdout.write(describeKeys(keys, Date.now()))
    if (keys.length === 0) tell('There is no key: npm run keys -- create makes one.')
  })
}

async function revoke(args: readonly string[]): Promise<void> {
  const { given, rest } = parseOptions(args, ['yes'])
  await withKey(rest, async (client, id) => {
    const { key, isLast } = await revokeKey(client, id, { mayBeLast: given.has('yes') }).catch(
      async error => {
        if (error.code !== 'KEY_LAST') throw error
        await confirm(
          ['It is the last key: without one, everybody who reaches the service may count and read.'],
          false,
        )
        return await revokeKey(client, id)
      },
    )
    tell(`The key ${quote(key.name)} (${key.id}) is revoked.`)
    if (isLast) tell('No key is left: everybody may count and read, unless the service has an ADMIN_KEY.')
  })
}

async function rotate(args: readonly string[]): Promise<void> {
  const { texts, rest } = parseOptions(args, [], ['overlap', 'expires'])
  const overlapMs = durationOf(texts.get('overlap') ?? OVERLAP)
  const until = texts.get('expires')
  const expiresAtMs = until === undefined ? undefined : endOf(until, Date.now())
  await withKey(rest, async (client, id) => {
    show(await rotateKey(client, id, { overlapMs, expiresAtMs, createdBy: MADE_BY }))
    const old = (await listKeys(client)).find(key => key.id === id)!
    tell(
      overlapMs === 0
        ? 'The old key is over. Give the new one to all who used it.'
        : `The old key ${describeEnd(old)}. Give the new one to all who use it before that.`,
    )
  })
}

/**
 * Gives the id of the key that the arguments name. The text of a key is read from the standard input, because
 * arguments show in the list of processes and in the history of the shell.
 */
async function withKey(
  [id, ...more]: readonly string[],
  use: (client: pg.Client, id: string) => Promise<void>,
): Promise<void> {
  if (id === undefined || more.length > 0)
    throw new UsageError('name the ID of one key, as "npm run keys -- list" shows it')
  const written = id === '-' ? (await text(process.stdin)).trim() : null
  if (written !== null && !isKeyText(written))
    throw new UsageError(`the standard input has no key: ${KEY_FORM}`)
  await withKeys(async client => use(client, written === null ? id : await idOfKey(client, written)))
}

async function withKeys(use: (client: pg.Client) => Promise<void>): Promise<void> {
  await withDatabase({ mayBeNew: false }, ({ server }) =>
    withConnection(server, 'clickcounter keys', SERVICE_LIMITS, use),
  )
}

/** The text alone goes to the standard output, so that it can be piped to where it is needed. */
function show({ key, text }: MadeKey): void {
  tell(`The key ${quote(key.name)} (${key.id}) is for ${listed(key.scopes)}, and ${describeEnd(key)}.`)
  tell('Keep its text now: it is shown only once. Clients send it as "Authorization: Bearer …".')
  process.stdout.write(`${text}\n`)
}

function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}

await runCommand(HELP, main)
