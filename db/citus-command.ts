import type pg from 'pg'
import { DISTRIBUTION_LIMITS, distribute, undistribute } from './citus/distribute.ts'
import { parseOptions, runCommand, UsageError } from './commands/command.ts'
import { withConnection, withDatabase } from './commands/command-database.ts'
import { confirm } from './commands/confirm.ts'
import { warningOfServices } from './commands/running-services.ts'

const HELP = `Usage: npm run citus -- distribute | undistribute [--yes]

  distribute    distribute the tables over the workers, as far as they are not yet. Copies what is there
  undistribute  bring all of them back to the coordinator, with their rows: it needs room for these

  --yes         do not ask (both ask while a service runs)

Clicks wait in the journals meanwhile. See docs/citus.md.
The database is that of the service's settings: see npm run config.
`

const ACTIONS: Readonly<Record<string, (client: pg.Client) => Promise<string[]>>> = {
  distribute,
  undistribute,
}

async function main(args: readonly string[]): Promise<void> {
  const { given, rest } = parseOptions(args, ['yes'])
  const [action = '', ...more] = rest
  if (!Object.hasOwn(ACTIONS, action) || more.length > 0)
    throw new UsageError('say distribute or undistribute')
  await withDatabase({ mayBeNew: false }, ({ server }) =>
    withConnection(server, 'clickcounter citus', DISTRIBUTION_LIMITS, async client => {
      const services = await warningOfServices(client)
      await confirm(
        services.map(service => `${service} Its clicks wait in its journal meanwhile.`),
        given.has('yes'),
      )
      for (const name of await ACTIONS[action]!(client)) process.stdout.write(`${name}\n`)
      process.stdout.write('done\n')
    }),
  )
}

await runCommand(HELP, main)
