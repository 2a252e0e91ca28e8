import { Socket } from 'node:net'
import pg from 'pg'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { atSomeHost, expectWritable } from './hosts.ts'
import { type ConnectionPool, HostsPool } from './hosts-pool.ts'
import { lacksTls, tlsOptions } from './tls.ts'
import { type Limits, SERVICE_LIMITS } from './transaction.ts'

export const CONNECT_TIMEOUT_MS = 4000

/**
 * Options for a client or a pool, all but TLS. They bound each wait, and they notice a half-open
 * connection. Limits for the server itself are set in each transaction, because poolers refuse them at
 * the start of a connection.
 */
function connectionOptions(
  server: DatabaseServer,
  applicationName: string,
  { queryMs } = SERVICE_LIMITS,
): pg.ClientConfig {
  const given = server.applicationName
  return {
    host: server.host,
    port: server.port,
    user: server.user,
    // A function, because the driver would look for another password than an empty text, in ~/.pgpass.
    password: () => server.password,
    database: server.name,
    sslnegotiation: server.sslNegotiation ?? 'postgres',
    enableChannelBinding: server.channelBinding === 'prefer' || server.channelBinding === 'require',
    // Our own name comes first: it tells a service from other clients.
    application_name: given === undefined ? applicationName : `${applicationName} (${given})`,
    options: server.options,
    connectionTimeoutMillis: server.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    query_timeout: queryMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
  }
}

/**
 * Takes the variables of libpq out of this thread's environment, before the driver reads them. The driver
 * takes from them whatever its options leave out. PGOPTIONS and PGREPLICATION can only be left out: a value
 * that means "nothing" would go to the server, and poolers refuse it. The settings of the service are
 * CLICKCOUNTER_ variables alone.
 */
function forgetVariablesOfLibpq(): void {
  for (const name of Object.keys(process.env)) if (/^PG[A-Z]/.test(name)) delete process.env[name]
}

/**
 * A connected client, of several hosts at one that takes writes. It has an error handler from the first moment on:
 * without one, a connection that dies while idle, or while checked out, takes the process down.
 */
export function connect(
  server: DatabaseServer,
  applicationName: string,
  limits = SERVICE_LIMITS,
): Promise<pg.Client> {
  return atSomeHost(server, async at => {
    const client = await connectTo(at, applicationName, limits)
    await expectWritable(client, server).catch(error => {
      discard(client)
      throw error
    })
    return client
  })
}

async function connectTo(
  server: DatabaseServer,
  applicationName: string,
  limits: Limits,
): Promise<pg.Client> {
  const options = connectionOptions(server, applicationName, limits)
  try {
    return await connectWith({ ...options, ssl: tlsOptions(server) })
  } catch (error) {
    if (!lacksTls(error, server)) throw error
    return await connectWith({ ...options, ssl: false })
  }
}

/** The sockets of connected clients, for `discard`: the driver destroys no socket itself. */
const sockets = new WeakMap<pg.Client, Socket>()

async function connectWith(options: pg.ClientConfig): Promise<pg.Client> {
  forgetVariablesOfLibpq()
  const socket = new Socket()
  const client = new pg.Client({ ...options, stream: () => socket })
  sockets.set(client, socket)
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
  sockets.get(client)?.destroy()
}

/** A pool whose clients never take the process down when their connection dies. `maxConnections`: to one host. */
export function openPool(
  server: DatabaseServer,
  applicationName: string,
  maxConnections: number,
): ConnectionPool {
  const openAt = (at: DatabaseServer) => openPoolAt(at, applicationName, maxConnections)
  return server.furtherHosts === undefined ? openAt(server) : new HostsPool(server, maxConnections, openAt)
}

function openPoolAt(server: DatabaseServer, applicationName: string, maxConnections: number): pg.Pool {
  forgetVariablesOfLibpq()
  const options = { ...connectionOptions(server, applicationName), max: maxConnections }
  const pool = new TlsPool(options, server)
  pool.on('error', () => {})
  // The pool's own handler is taken off while a client is checked out.
  pool.on('connect', client => client.on('error', () => {}))
  return pool
}

/**
 * Reads the files of TLS for each new connection: a thread starts without a missing file, and uses a replaced
 * one. Goes on without TLS, if the mode allows that, after the server has refused TLS.
 */
class TlsPool extends pg.Pool {
  readonly #server: DatabaseServer
  #isPlain = false

  constructor(options: pg.PoolConfig, server: DatabaseServer) {
    super(options)
    this.#server = server
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: Parameters<pg.Pool['connect']>[0]): void
  override connect(callback?: Parameters<pg.Pool['connect']>[0]): unknown {
    return callback === undefined ? this.#connect() : super.connect(callback)
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      if (this.idleCount === 0) this.options.ssl = this.#isPlain ? false : tlsOptions(this.#server)
      return await super.connect()
    } catch (error) {
      // After any other failure the server is asked for TLS again: it may have it by now.
      this.#isPlain = lacksTls(error, this.#server)
      if (!this.#isPlain) throw error
      this.options.ssl = false
      return await super.connect()
    }
  }
}
