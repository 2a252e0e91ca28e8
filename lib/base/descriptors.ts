import { readFileSync } from 'node:fs'
import { counted } from './counted.ts'
import { StartError } from './errors.ts'

/*
 * How the process's descriptors are shared out. Were it for clients' connections to use them up, the journal could
 * open no file any more, and every click would be refused.
 */

/** All threads together, where the system allows as many. */
const MOST_CONNECTIONS = 20_000
/** With fewer, a thread that browsers keep connections to would turn others away all the time. */
const LEAST_CONNECTIONS_PER_THREAD = 16
/** Counted: 31 with the flush worker. */
const PROCESS_DESCRIPTORS = 50
/** Counted: 7, and the files of the journal that it writes and makes. */
const THREAD_DESCRIPTORS = 10

/** What takes descriptors beside clients. */
interface Consumers {
  readonly threadCount: number
  /** To the database, of all threads together. */
  readonly databaseConnections: number
}

/** How many connections of clients each thread may hold. */
export function maxConnectionsPerThread(consumers: Consumers, limit = openFilesLimit()): number {
  const all = Math.min(MOST_CONNECTIONS, limit - reservedFor(consumers))
  return Math.floor(all / consumers.threadCount)
}

/** Throws StartError when the limit on open files leaves too few connections for clients. */
export function checkOpenFilesLimit(consumers: Consumers, limit = openFilesLimit()): void {
  const { threadCount, databaseConnections } = consumers
  const needed = reservedFor(consumers) + threadCount * LEAST_CONNECTIONS_PER_THREAD
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
    // Not Linux: nothing says how many there are.
    return Number.POSITIVE_INFINITY
  }
}
