import { join } from 'node:path'
import type { DatabaseServer } from '../lib/config/config.ts'
import { loadConfig } from '../lib/config/load.ts'
import { ClickCounterError, type StartError } from '../lib/errors.ts'
import { holdDirectory } from '../lib/exclusive/directory.ts'
import { readServer } from './embedded/url-file.ts'
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
  const applied =
    config.database.server === null
      ? await withEmbeddedPostgres(config.dataDir, server => migrate(server, direction))
      : await migrate(config.database.server, direction)
  for (const step of applied) process.stdout.write(`${step}\n`)
  process.stdout.write(applied.length === 0 ? 'nothing to do\n' : 'done\n')
  return 0
}

/** Started for the command alone, unless a service has the directory: then its Postgres runs, and stays. */
async function withEmbeddedPostgres<T>(
  dataDir: string,
  use: (server: DatabaseServer) => Promise<T>,
): Promise<T> {
  const directory = tryHoldDirectory(dataDir)
  if (directory === null) return use((await readServer(join(dataDir, 'postgres.url')))!)
  const embedded = await startEmbeddedPostgres({ dataDir, log: () => {} })
  try {
    return await use(embedded.server)
  } finally {
    await embedded.stop()
    directory.release()
  }
}

/** null: another process has it. */
function tryHoldDirectory(dataDir: string): { release(): void } | null {
  try {
    return holdDirectory(dataDir)
  } catch (error) {
    if ((error as StartError).code === 'DATA_DIR_IN_USE') return null
    throw error
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
