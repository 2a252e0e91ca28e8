import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { StartError } from '../../lib/base/errors.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { connect, discard } from '../connection/connect.ts'
import { isRunning } from './postmaster.ts'

/** How long a Postgres may say that it is starting or shutting down. */
const BUSY_PATIENCE_MS = 60_000
/**
 * How long it may say nothing, or not listen. Less than one attempt to connect takes:
 * a second attempt is no use.
 */
const SILENCE_PATIENCE_MS = 3000

/** duplicate_database, or unique_violation if the other one was committed while ours waited for it. */
const ALREADY_THERE: unknown[] = ['42P04', '23505']

/**
 * Waits until the Postgres with this pid accepts us, and creates our database if it is missing, as in
 * a new cluster. False when the process ended instead. Throws StartError when it refuses our password
 * or does not answer in time.
 */
export async function prepareDatabase(server: DatabaseServer, pid: number): Promise<boolean> {
  const beganAtMs = performance.now()
  while (isRunning(pid)) {
    const client = await tryToConnect(server, pid, beganAtMs)
    if (client === null) {
      await setTimeout(20)
      continue
    }
    try {
      await createIfMissing(client, server.name)
    } finally {
      discard(client)
    }
    return true
  }
  return false
}

async function tryToConnect(
  server: DatabaseServer,
  pid: number,
  beganAtMs: number,
): Promise<pg.Client | null> {
  try {
    // Every cluster has this database from the start.
    return await connect({ ...server, name: 'postgres' }, 'clickcounter start')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === '28P01') {
      throw new StartError(
        'EMBEDDED_POSTGRES_PASSWORD',
        'The embedded Postgres refuses the password in postgres.url: restore that file from a backup, and restart the service.',
        error,
      )
    }
    const isBusy = code === '57P03'
    const waitedMs = performance.now() - beganAtMs
    if (waitedMs < (isBusy ? BUSY_PATIENCE_MS : SILENCE_PATIENCE_MS)) return null
    throw new StartError(
      'EMBEDDED_POSTGRES_SILENT',
      `The embedded Postgres (process ${pid}) does not answer at its socket in ${server.host} (${message}): ` +
        `end it with \`kill -QUIT ${pid}\`, or with -KILL if that does not help, and start again.`,
      error,
    )
  }
}

async function createIfMissing(client: pg.Client, name: string): Promise<void> {
  const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
  if (found.rowCount !== 0) return
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  } catch (error) {
    // A service that was killed while it waited for this statement may have created the database in between.
    if (!ALREADY_THERE.includes((error as { code?: string }).code)) throw error
  }
}
