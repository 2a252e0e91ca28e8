import { readFileSync } from 'node:fs'

/** All threads together, where the system allows as many. */
const MOST_CONNECTIONS = 20_000
/** What the process needs beside its connections: journal, database, log, the threads' own. */
const RESERVED_DESCRIPTORS = 100

/**
 * How many connections each thread may hold. Were it for connections to use up the process's descriptors,
 * the journal could open no file any more, and every click would be refused.
 */
export function maxConnectionsPerThread(threadCount: number): number {
  const all = Math.min(MOST_CONNECTIONS, openFilesLimit() - RESERVED_DESCRIPTORS)
  return Math.max(1, Math.floor(all / threadCount))
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
