import { DATABASE_REASONS } from '../../db/connection/failure.ts'
import { readBalance, readNumber, sumOverThreads, threadNumbers } from '../books/balance.ts'
import { raisedConditions } from '../books/conditions.ts'
import { clicksPerSecond, latencyQuantiles } from '../books/windows.ts'
import type { Config } from '../config/config.ts'
import { CONDITIONS, type Condition } from '../memory/conditions.ts'
import {
  CONTROL,
  DATABASE_DOWN,
  DATABASE_UP,
  HALF_COUNT,
  type RouteKind,
  SERVICE_SERVING,
  SERVICE_STOPPING,
  type THREAD_NUMBER,
} from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { readText } from '../memory/shared-text.ts'
import type { Ring } from '../ring/ring.ts'

export type Status = 'ok' | 'degraded' | 'starting' | 'stopping' | 'refusing'
/** All that `reason` can be, the weightiest first. */
export const REASONS = [
  'journal_full',
  'journal_failing',
  'database_down',
  'database_unknown',
  'flush_failing',
  ...CONDITIONS,
] as const
export type Reason = (typeof REASONS)[number]

/** One thing that is wrong. */
interface Complaint {
  readonly reason: Reason
  /** RFC 3339; null: not known. */
  readonly since: string | null
  /** A sentence for people, or what Postgres said; null: the reason says it all. */
  readonly detail: string | null
}

/** A thread that could not write its journal this lately has probably not got over it. */
const JOURNAL_FAILURE_MS = 5000

/** Whether clicks are to be sent here. One that is stopping takes them for a while longer. */
export function acceptsClicks(status: Status): boolean {
  return status === 'ok' || status === 'degraded'
}

export function serviceStatus(memory: SharedMemory, nowMs: number): Status {
  return serviceState(memory, nowMs).status
}

/** The status, and all that makes it degraded or refusing, the weightiest first. */
function serviceState(memory: SharedMemory, nowMs: number): { status: Status; complaints: Complaint[] } {
  const state = Atomics.load(memory.i32, CONTROL.serviceState)
  if (state === SERVICE_STOPPING) return { status: 'stopping', complaints: [] }
  if (state !== SERVICE_SERVING) return { status: 'starting', complaints: [] }
  const refusals = refusalsOf(memory, nowMs)
  const complaints = [...refusals, ...databaseComplaints(memory), ...conditionComplaints(memory)]
  if (refusals.length > 0) return { status: 'refusing', complaints }
  return { status: complaints.length > 0 ? 'degraded' : 'ok', complaints }
}

function refusalsOf(memory: SharedMemory, nowMs: number): Complaint[] {
  const refusals: Complaint[] = []
  const refuse = (reason: Reason) => refusals.push({ reason, since: null, detail: null })
  if (Atomics.load(memory.i32, CONTROL.backlogIsFull) !== 0) refuse('journal_full')
  if (isJournalFailing(memory, nowMs)) refuse('journal_failing')
  return refusals
}

/** Those that have no condition of their own. */
function databaseComplaints(memory: SharedMemory): Complaint[] {
  if (raisedConditions(memory).some(({ name }) => isDatabaseReason(name))) return []
  const database = databaseStatus(memory)
  if (database !== 'up') {
    const detail = readText(memory, 'databaseLastError')
    return [{ reason: `database_${database}`, since: databaseDownSince(memory), detail }]
  }
  const detail = readText(memory, 'flushLastError')
  return detail === null ? [] : [{ reason: 'flush_failing', since: null, detail }]
}

function isDatabaseReason(name: Condition): boolean {
  return (DATABASE_REASONS as readonly Condition[]).includes(name)
}

function conditionComplaints(memory: SharedMemory): Complaint[] {
  return raisedConditions(memory).map(({ name, sinceMs, text }) => ({
    reason: name,
    since: new Date(sinceMs).toISOString(),
    detail: text,
  }))
}

function isJournalFailing(memory: SharedMemory, nowMs: number): boolean {
  return threadNumbers(memory, 'journalFailedAtMs').some(
    failedAtMs => nowMs - failedAtMs < JOURNAL_FAILURE_MS,
  )
}

export interface HealthFacts {
  readonly memory: SharedMemory
  readonly ring: Ring
  readonly config: Config
  readonly version: string
}

/** The document of /health, from shared memory alone: the same from every thread, and no cost to clicks. */
export function healthReport({ memory, ring, config, version }: HealthFacts, nowMs: number) {
  const startedAtMs = readNumber(memory, 'startedAtMs')
  const generation = Atomics.load(memory.i32, CONTROL.generation)
  const lastAtMs = readNumber(memory, 'flushLastAtMs')
  const { status, complaints } = serviceState(memory, nowMs)
  return {
    status,
    reason: complaints[0]?.reason ?? null,
    reasons: complaints,
    version,
    startedAt: new Date(startedAtMs).toISOString(),
    // Not below 0, should the clock have been put back.
    uptimeSeconds: round(Math.max(0, nowMs - startedAtMs) / 1000, 1),
    clicks: {
      ...readBalance(memory),
      perSecond: round(clicksPerSecond(memory, startedAtMs, nowMs), 1),
      aside: readNumber(memory, 'asideClicks'),
      refused: {
        journal: sumOverThreads(memory, 'refusedJournal'),
        full: sumOverThreads(memory, 'refusedFull'),
      },
      ignored: { prefetch: sumOverThreads(memory, 'ignoredPrefetch') },
    },
    ring: { generation, slots: memory.maxBanners, slotsUsed: ring.slotsUsed(generation % HALF_COUNT) },
    journal: {
      sync: config.journal.sync,
      files: readNumber(memory, 'journalFiles'),
      bytes: readNumber(memory, 'journalBytes'),
      maxBytes: config.journal.maxBytes,
      fullInSeconds: journalFullInSeconds(memory, config.journal.maxBytes),
      oldestSeconds: round(readNumber(memory, 'journalOldestMs') / 1000, 1),
      damaged: readNumber(memory, 'journalDamaged'),
      keptFiles: readNumber(memory, 'journalKeptFiles'),
      keptBytes: readNumber(memory, 'journalKeptBytes'),
    },
    flush: {
      intervalSeconds: config.clickFlusher.intervalMs / 1000,
      lastAt: lastAtMs === 0 ? null : new Date(lastAtMs).toISOString(),
      lastDurationMs: round(readNumber(memory, 'flushLastDurationMs'), 1),
      lastRows: readNumber(memory, 'flushLastRows'),
      failures: readNumber(memory, 'flushFailures'),
      lastError: readText(memory, 'flushLastError'),
    },
    database: {
      status: databaseStatus(memory),
      downSince: databaseDownSince(memory),
      host: config.database.server?.host ?? 'embedded',
      lastError: readText(memory, 'databaseLastError'),
    },
    http: {
      requests: sumOverThreads(memory, 'requests'),
      responses: {
        '2xx': sumOverThreads(memory, 'responses2xx'),
        '3xx': sumOverThreads(memory, 'responses3xx'),
        '4xx': sumOverThreads(memory, 'responses4xx'),
        '5xx': sumOverThreads(memory, 'responses5xx'),
      },
      latencyMs: latencyReport(memory, 'counting', nowMs),
      readingLatencyMs: latencyReport(memory, 'reading', nowMs),
      watchingLatencyMs: latencyReport(memory, 'watching', nowMs),
    },
    threads: Array.from({ length: memory.threadCount }, (_, id) => threadReport(memory, id)),
    memory: { rssBytes: process.memoryUsage.rss() },
  }
}

function latencyReport(memory: SharedMemory, kind: RouteKind, nowMs: number) {
  const [p50, p90, p99, p999] = latencyQuantiles(memory, kind, nowMs, [0.5, 0.9, 0.99, 0.999])
  return { p50, p90, p99, p999 }
}

/** Seconds until the journal is full, should it go on growing as it does. null: it does not grow. */
export function journalFullInSeconds(memory: SharedMemory, maxBytes: number): number | null {
  const growthPerSecond = readNumber(memory, 'journalGrowthPerSecond')
  if (growthPerSecond === 0) return null
  return Math.round(Math.max(0, maxBytes - readNumber(memory, 'journalBytes')) / growthPerSecond)
}

function databaseStatus({ i32 }: SharedMemory): 'up' | 'down' | 'unknown' {
  const state = Atomics.load(i32, CONTROL.databaseState)
  if (state === DATABASE_UP) return 'up'
  return state === DATABASE_DOWN ? 'down' : 'unknown'
}

function databaseDownSince(memory: SharedMemory): string | null {
  if (databaseStatus(memory) !== 'down') return null
  return new Date(readNumber(memory, 'databaseDownSinceMs')).toISOString()
}

function threadReport(memory: SharedMemory, id: number) {
  const value = (name: keyof typeof THREAD_NUMBER) => memory.f64[memory.threadNumberIndex(id, name)]!
  return {
    id,
    requests: value('requests'),
    utilization: round(value('utilization'), 3),
    eventLoopDelayP99Ms: round(value('eventLoopDelayP99Ms'), 1),
  }
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
