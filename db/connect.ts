import pg from 'pg'
import type { DatabaseServer } from '../lib/config/config.ts'
import { SERVICE_LIMITS } from './transaction.ts'

export const CONNECT_TIMEOUT_MS = 4000

/**
 * Options for a client or a pool: bounded waits, half-open connections noticed. What the server itself is to
 * keep to is said in each transaction, since poolers refuse it at the start.
 */
export function connectionOptions(
  server: DatabaseServer,
  applicationName: string,
  { queryMs } = SERVICE_LIMITS,
): pg.ClientConfig {
  return {
    host: server.host,
    port: server.port,
    user: server.user,
    password: server.password,
    database: server.name,
    ssl: sslOptions(server),
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: queryMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
  }
}

/** libpq's modes: `require` encrypts only, `verify-ca` checks the certificate, `verify-full` its host name too. */
function sslOptions({ sslMode }: DatabaseServer): pg.ClientConfig['ssl'] {
  switch (sslMode) {
    case 'disable':
      return false
    case 'require':
      return { rejectUnauthorized: false }
    case 'verify-ca':
      return { rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'verify-full':
      return { rejectUnauthorized: true }
  }
}

/**
 * A connected client. It has an error handler from the first moment on: without one, a connection that dies
 * while idle, or while checked out, takes the process down.
 */
export async function connect(
  server: DatabaseServer,
  applicationName: string,
  limits = SERVICE_LIMITS,
): Promise<pg.Client> {
  const client = new pg.Client(connectionOptions(server, applicationName, limits))
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    discard(client)
    throw error
  }
  return client
}

/** Closes a client whose state is unknown, without waiting for a server that may never answer. */
export function discard(client: pg.Client): void {
  client.end().catch(() => {})
  ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
}

/** A pool whose clients never take the process down when their connection dies. */
export function openPool(server: DatabaseServer, applicationName: string, maxConnections: number): pg.Pool {
  const pool = new pg.Pool({ ...connectionOptions(server, applicationName), max: maxConnections })
  pool.on('error', () => {})
  // The pool's own handler is taken off while a client is checked out.
  pool.on('connect', client => client.on('error', () => {}))
  return pool
}
