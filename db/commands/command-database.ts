import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { ClickCounterError, type StartError } from '../../lib/base/errors.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { loadConfig } from '../../lib/config/load.ts'
import { holdDirectory } from '../../lib/exclusive/directory.ts'
import { connect, discard } from '../connection/connect.ts'
import { databaseFailure } from '../connection/failure.ts'
import type { Limits } from '../connection/transaction.ts'
import { isOurs } from '../embedded/as-user.ts'
import { clusterPaths, isClusterMissing } from '../embedded/cluster.ts'
import { startEmbeddedPostgres } from '../embedded/embedded.ts'
import { readServer } from '../embedded/url-file.ts'

export interface CommandDatabase {
  readonly server: DatabaseServer
  /** Another process holds the data directory, and so works on the embedded Postgres in it. */
  readonly isDirectoryHeld: boolean
}

/**
 * Gives a command the database of the service's settings. Starts the embedded Postgres for this command
 * alone, unless a service holds the directory: then that Postgres is the service's, which may still be bringing
 * it up, and stays. Throws a ClickCounterError when there is no embedded database yet and `mayBeNew` is not set.
 * Turns errors of the driver into ClickCounterErrors.
 */
export async function withDatabase<T>(
  { mayBeNew }: { mayBeNew: boolean },
  use: (database: CommandDatabase) => Promise<T>,
): Promise<T> {
  const { dataDir, database } = loadConfig().config
  if (database.server !== null)
    return await explained({ server: database.server, isDirectoryHeld: false }, use)
  if (!mayBeNew && (await isClusterMissing(clusterPaths(dataDir))))
    throw new ClickCounterError(
      'NO_DATABASE',
      `there is no database in ${dataDir}, and no setting names another one: see npm run config`,
    )
  const directory = tryHoldDirectory(dataDir)
  if (directory === null)
    return await explained({ server: await runningServer(dataDir), isDirectoryHeld: true }, use)
  await expectOurCluster(clusterPaths(dataDir).cluster)
  const embedded = await startEmbeddedPostgres({ dataDir, log: () => {} })
  try {
    return await explained({ server: embedded.server, isDirectoryHeld: false }, use)
  } finally {
    // In this order: a service that got the directory first could take over a Postgres that ends.
    await embedded.stop()
    directory.release()
  }
}

/** If root started it, it would become root's, and the service of its own user could not start any more. */
async function expectOurCluster(cluster: string): Promise<void> {
  const found = await stat(cluster).catch(() => null)
  if (found === null || isOurs(found.uid)) return
  throw new ClickCounterError(
    'ANOTHER_USER',
    `${cluster} belongs to user ${found.uid}: run this as that user, or while the service runs`,
  )
}

/**
 * Ctrl-C and SIGTERM cut the connection, which undoes what is not committed. A
 * second signal ends the process.
 */
export async function withConnection<T>(
  server: DatabaseServer,
  applicationName: string,
  limits: Limits,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(server, applicationName, limits)
  let isInterrupted = false
  const interrupt = () => {
    isInterrupted = true
    discard(client)
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.once(signal, interrupt)
  try {
    return await use(client)
  } catch (error) {
    throw isInterrupted
      ? new ClickCounterError(
          'INTERRUPTED',
          'interrupted: nothing was changed, unless a commit was under way',
        )
      : error
  } finally {
    for (const signal of signals) process.off(signal, interrupt)
    discard(client)
  }
}

async function explained<T>(
  database: CommandDatabase,
  use: (database: CommandDatabase) => Promise<T>,
): Promise<T> {
  try {
    return await use(database)
  } catch (error) {
    if (error instanceof ClickCounterError) throw error
    const { code, message } = databaseFailure(error, database.server)
    throw new ClickCounterError(code, message, { cause: error })
  }
}

async function runningServer(dataDir: string): Promise<DatabaseServer> {
  const server = await readServer(join(dataDir, 'postgres.url'))
  if (server !== null) return server
  throw new ClickCounterError('STARTING', `the service in ${dataDir} is starting: try again`)
}

/** null: another process holds it. */
function tryHoldDirectory(dataDir: string): { release(): void } | null {
  try {
    return holdDirectory(dataDir)
  } catch (error) {
    if ((error as StartError).code === 'DATA_DIR_IN_USE') return null
    throw error
  }
}
