import { readFileSync } from 'node:fs'
import { counted } from './counted.ts'
import { StartError } from './errors.ts'

/*
 * How the descriptors of the process are divided. If connections of clients used them up, the journal could
 * open no file, and every click would be refused.
 */

/** Connections of all threads together, if the system allows as many. */
const MAX_CONNECTIONS = 20_000
/** With fewer, the connections that browsers keep open would fill a thread all the time. */
const MIN_CONNECTIONS_PER_THREAD = 16
/** Main and the flush worker had 31 when they were counted. */
const PROCESS_DESCRIPTORS = 50
/** A thread had 7 when they were counted. It opens files of the journal as well. */
const THREAD_DESCRIPTORS = 10

/** What needs descriptors apart from clients. */
interface Consumers {
  readonly threadCount: number
  /** Of all threads together. */
  readonly databaseConnections: number
}

/** How many connections of clients a thread may hold. */
export function maxConnectionsPerThread(consumers: Consumers, limit = openFilesLimit()): number {
  const all = Math.min(MAX_CONNECTIONS, limit - reservedFor(consumers))
  return Math.floor(all / consumers.threadCount)
}

/** Throws StartError when the limit on open files leaves too few connections for clients. */
export function checkOpenFilesLimit(consumers: Consumers, limit = openFilesLimit()): void {
  const { threadCount, databaseConnections } = consumers
  const needed = reservedFor(consumers) + threadCount * MIN_CONNECTIONS_PER_THREAD
  if (limit >= needed) return
  throw new StartError(
    'TOO_FEW_DESCRIPTORS',
    `the limit on open files is ${limit}, and ${counted(threadCount, 'request thread')} with ` +
      `${databaseConnections} database connections need ${needed}; raise it (ulimit -n, LimitNOFILE= in systemd), ` +
      'or set CLICKCOUNTER_SERVER_THREADS or CLICKCOUNTER_DATABASE_MAX_OPEN_CONNS to less',
  )
}

function reservedFor({ threadCount, databaseConnections }: Consumers): number {
  return PROCESS_DESCRIPTORS + threadCount * THREAD_DESCRIPTORS + databaseConnections
}

function openFilesLimit(): number {
  try {
    const line = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
    return line === null ? Number.POSITIVE_INFINITY : Number(line[1])
  } catch {
    // Not Linux: there is no such file, so no limit is known.
    return Number.POSITIVE_INFINITY
  }
}
