import { hostname, userInfo } from 'node:os'
import { counted } from '../lib/base/counted.ts'
import { parseOptions, runCommand, UsageError } from './commands/command.ts'
import { withConnection, withDatabase } from './commands/command-database.ts'
import { confirm } from './commands/confirm.ts'
import { textTable } from './commands/text-table.ts'
import { SERVICE_LIMITS } from './connection/transaction.ts'
import type { Fleet } from './fleet/fleet.ts'
import { forgetInstances } from './fleet/forget.ts'
import { readFleet } from './fleet/read-fleet.ts'

const HELP = `Usage: npm run fleet -- list
       npm run fleet -- forget NAME [--yes]

  list    all instances on the database, through which instant their clicks are stored, and what to do
  forget  nobody waits any more for the lost instances of this name: their disk is gone. What they held is recorded.
          An instance is lost when it was silent for 15 s

  NAME    or the id of one life of an instance, as list shows them
  --yes   do not ask

The database is that of the service's settings: see npm run config.
`

const ACTIONS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = { list, forget }

async function main([action = '', ...args]: readonly string[]): Promise<void> {
  if (!Object.hasOwn(ACTIONS, action)) throw new UsageError('say list or forget NAME')
  await ACTIONS[action]!(args)
}

async function list(args: readonly string[]): Promise<void> {
  if (args.length > 0) throw new UsageError('list takes nothing else')
  const fleet = await onDatabase(readFleet)
  process.stdout.write(tableOf(fleet))
  for (const { name, advice } of fleet.instances) if (advice !== null) tell(`${name}: ${advice}`)
  tell(summaryOf(fleet))
}

async function forget(args: readonly string[]): Promise<void> {
  const { given, rest } = parseOptions(args, ['yes'])
  const [name, ...more] = rest
  if (name === undefined || more.length > 0) throw new UsageError('name one instance, as list shows it')
  await confirm(
    [
      `If the disk of ${name} is there, store its journal in place of this: npm run journal -- store DIR.`,
      'Clicks that it held are missing for good, unless its journal turns up.',
    ],
    given.has('yes'),
  )
  const by = `${userInfo().username}@${hostname()}`
  const forgotten = await onDatabase(client => forgetInstances(client, name, by))
  for (const { id, pending } of forgotten)
    tell(
      `${name} (${id}) is forgotten, with ${counted(pending, 'click')} that it had not stored when it was last seen.`,
    )
  if (forgotten.length === 0) tell(`${name} is alive after all: nothing is forgotten.`)
}

function onDatabase<Result>(use: Parameters<typeof withConnection<Result>>[3]): Promise<Result> {
  return withDatabase({ mayBeNew: false }, ({ server }) =>
    withConnection(server, 'clickcounter fleet', SERVICE_LIMITS, use),
  )
}

function tableOf({ instances }: Fleet): string {
  return textTable(
    ['NAME', 'STATE', 'VERSION', 'PENDING', 'FINAL THROUGH', 'SEEN', 'STARTED', 'ID'],
    instances.map(instance => [
      instance.name,
      instance.state,
      instance.version,
      String(instance.pending),
      instance.finalThrough,
      instance.seenAt,
      instance.startedAt,
      instance.id,
    ]),
  )
}

function summaryOf({ finalThrough, heldBackBy }: Fleet): string {
  if (finalThrough === null) return 'No instance serves this database.'
  const by = heldBackBy.length === 0 ? '' : `, held back by ${heldBackBy.join(', ')}`
  return `The clicks of all are stored through ${finalThrough}${by}.`
}

function tell(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}

await runCommand(HELP, main)
