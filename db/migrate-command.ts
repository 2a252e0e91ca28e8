import { parseOptions, runCommand, UsageError } from './commands/command.ts'
import { type CommandDatabase, withConnection, withDatabase } from './commands/command-database.ts'
import { confirm } from './commands/confirm.ts'
import { warningOfServices } from './commands/running-services.ts'
import { SERVICE_LIMITS } from './connection/transaction.ts'
import { lossesOfDown } from './schema/losses.ts'
import { migrate } from './schema/migrate.ts'

const HELP = `Usage: npm run migrate -- up | down STEPS [--yes]

  up          bring the tables to the newest version
  down STEPS  take the last STEPS versions back, and drop their data
  --yes       do not ask (down asks while a service runs, and before more than one step)

The database is that of the service's settings: see npm run config.
`

async function main(args: readonly string[]): Promise<void> {
  const { given, rest } = parseOptions(args, ['yes'])
  const [direction, text, ...more] = rest
  if (direction === 'up' && text === undefined) return await up()
  if (direction !== 'down' || text === undefined || more.length > 0)
    throw new UsageError('say "up" or "down STEPS"')
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError(`STEPS is a whole number from 1, and not ${text}`)
  await down(Number(text), given.has('yes'))
}

async function up(): Promise<void> {
  await withDatabase({ mayBeNew: true }, async ({ server }) => {
    tell(await migrate(server, { kind: 'up' }))
  })
}

async function down(steps: number, isYes: boolean): Promise<void> {
  await withDatabase({ mayBeNew: false }, async database => {
    await confirm(await warnings(database, steps), isYes)
    tell(await migrate(database.server, { kind: 'down', steps }))
  })
}

/** Reasons to think twice; none when one step is taken back and no service runs. */
async function warnings({ server, isDirectoryHeld }: CommandDatabase, steps: number): Promise<string[]> {
  return await withConnection(server, 'clickcounter migrate', SERVICE_LIMITS, async client => {
    const losses = await lossesOfDown(client, steps)
    for (const loss of losses) process.stdout.write(`${loss}\n`)
    const services = isDirectoryHeld
      ? ['A service is at work on this database.']
      : await warningOfServices(client)
    return [
      ...services.map(service => `${service} Its clicks wait in its journal meanwhile.`),
      ...(steps > 1 ? [`${steps} versions are taken back, not just the newest.`] : []),
    ]
  })
}

function tell(applied: readonly string[]): void {
  for (const step of applied) process.stdout.write(`${step}\n`)
  process.stdout.write(applied.length === 0 ? 'nothing to do\n' : 'done\n')
}

await runCommand(HELP, main)
