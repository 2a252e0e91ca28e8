import { loadConfig } from '../lib/config/load.ts'
import { ClickCounterError } from '../lib/errors.ts'
import { startEmbeddedPostgres } from './embedded.ts'
import { type Direction, migrate } from './migrate.ts'

const HELP = `Usage: npm run migrate -- up | down STEPS

  up          bring the tables to the newest version
  down STEPS  take the last STEPS versions back; their data is dropped

The database is the one of the service's own settings: see npm run config.
`

/** Entry of \`npm run migrate\`. */
async function main(args: readonly string[]): Promise<number> {
  if (args[0] === '--help' || args[0] === '-h') {
    process.stdout.write(HELP)
    return 0
  }
  const direction = parseDirection(args)
  if (direction === null) {
    process.stderr.write(HELP)
    return 1
  }
  const { config } = loadConfig()
  const embedded =
    config.database.server === null
      ? await startEmbeddedPostgres({ dataDir: config.dataDir, log: () => {} })
      : null
  try {
    const applied = await migrate(config.database.server ?? embedded!.server, direction)
    for (const step of applied) process.stdout.write(`${step}\n`)
    process.stdout.write(applied.length === 0 ? 'nothing to do\n' : 'done\n')
    return 0
  } finally {
    // One that was running already belongs to the service that is using it.
    if (embedded !== null && !embedded.isAdopted) await embedded.stop()
  }
}

function parseDirection(args: readonly string[]): Direction | null {
  if (args.length === 1 && args[0] === 'up') return { kind: 'up' }
  if (args.length === 2 && args[0] === 'down' && /^[1-9]\d{0,3}$/.test(args[1]!))
    return { kind: 'down', steps: Number(args[1]) }
  return null
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const { message } = error as Error
  process.stderr.write(`${error instanceof ClickCounterError ? message : `migrate: ${message}`}\n`)
  process.exitCode = 1
}
