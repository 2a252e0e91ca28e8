import type pg from 'pg'
import { ClickCounterError } from '../../lib/base/errors.ts'
import type { DatabaseHost, DatabaseServer } from '../../lib/config/config.ts'

/*
 * Several hosts that may have the database: one is the primary, the others are standbys, and they may change places.
 * With one host, nothing here asks or remembers anything.
 */

/** A host that is asked whether it takes writes has this long for the answer. */
const ANSWER_MS = 2000
/** The driver's words when no answer has come within the limit of a query. */
const NO_ANSWER = 'Query read timeout'

/** Of each server with several hosts: the one that is tried first, by its index. Each thread has its own. */
const preferred = new WeakMap<DatabaseServer, number>()

interface HostFailure {
  readonly at: DatabaseServer
  readonly error: unknown
}

/** Hosts that did not let us in, or take no writes. */
export class HostsError extends Error {
  /** In the order of the hosts, so that the same failures always have the same words. */
  readonly failures: readonly HostFailure[]

  constructor(failures: readonly HostFailure[]) {
    const reasons = failures.map(({ at, error }) => `${hostText(at)}: ${(error as Error).message}`)
    super(reasons.join('; '))
    this.failures = failures
  }
}

/** A failure that says nothing about the host: no other host is tried, and its cause is thrown. */
export class NotOfHostError extends Error {
  constructor(cause: unknown) {
    super('no fault of the host', { cause })
  }
}

/**
 * Does something at the first host where it succeeds. The one where it last did comes first, so that a dead host does
 * not cost each new connection its time-out. Throws a HostsError when it fails at all of them; with one host, the error
 * itself.
 */
export async function atSomeHost<Result>(
  server: DatabaseServer,
  use: (at: DatabaseServer) => Promise<Result>,
): Promise<Result> {
  if (server.furtherHosts === undefined) return await use(server)
  const failures: HostFailure[] = []
  const servers = serversOf(server)
  const first = preferred.get(server) ?? 0
  for (let tried = 0; tried < servers.length; tried++) {
    const index = (first + tried) % servers.length
    const at = servers[index]!
    try {
      const result = await use(at)
      preferred.set(server, index)
      return result
    } catch (error) {
      if (error instanceof NotOfHostError) throw error.cause
      failures[index] = { at, error }
    }
  }
  throw new HostsError(failures)
}

/** Throws unless the client's session takes writes. With one host it asks nothing: the first write tells. */
export async function expectWritable(client: pg.ClientBase, server: DatabaseServer): Promise<void> {
  if (server.furtherHosts === undefined) return
  if (await isReadOnly(client)) throw new ClickCounterError('25006', 'the session is read-only')
}

async function isReadOnly(client: pg.ClientBase): Promise<boolean> {
  const late = Promise.withResolvers<never>()
  const giveUp = () => late.reject(new Error('timeout exceeded: no answer'))
  // After what has come is read: it may be this thread that was busy, as with a large generation.
  const timer = setTimeout(() => setImmediate(giveUp), ANSWER_MS)
  try {
    const asked = client.query<{ transaction_read_only: 'on' | 'off' }>('SHOW transaction_read_only')
    const { rows } = await Promise.race([asked, late.promise])
    return rows[0]!.transaction_read_only === 'on'
  } finally {
    clearTimeout(timer)
  }
}

/**
 * To be called for each use of a connection that is kept: its host may have become a standby, or read-only, and what it
 * has may be out of date. Throws a HostsError unless it takes writes; from then on another host is tried first.
 */
export async function expectStillWritable(client: pg.ClientBase, server: DatabaseServer): Promise<void> {
  const at = serverInUse(server)
  const before = preferred.get(server)
  try {
    await expectWritable(client, server)
  } catch (error) {
    // Otherwise somebody else has found another host meanwhile.
    if (preferred.get(server) === before) preferNext(server)
    throw new HostsError([{ at, error }])
  }
}

/**
 * To be called after a failure over a connection that was kept. A host that says nothing any more is not tried first: it
 * would take the time-out of a new connection as well.
 */
export function leaveIfSilent(server: DatabaseServer, error: unknown): void {
  if (server.furtherHosts !== undefined && (error as Error).message === NO_ANSWER) preferNext(server)
}

function preferNext(server: DatabaseServer): void {
  preferred.set(server, ((preferred.get(server) ?? 0) + 1) % serversOf(server).length)
}

/** The host that was found last, as a server of one host. For messages: of an error, nobody knows where it was met. */
export function serverInUse(server: DatabaseServer): DatabaseServer {
  if (server.furtherHosts === undefined) return server
  return serversOf(server)[preferred.get(server) ?? 0]!
}

/** That host as text; null with one host. */
export function hostInUse(server: DatabaseServer): string | null {
  return server.furtherHosts === undefined ? null : hostText(serverInUse(server))
}

/** `db-1:5432` or `[::1]:5432`. */
export function hostText({ host, port }: DatabaseHost): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** One for each host. */
function serversOf({ furtherHosts = [], ...first }: DatabaseServer): DatabaseServer[] {
  return [first, ...furtherHosts.map(place => ({ ...first, ...place }))]
}
