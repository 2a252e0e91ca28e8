import { monotonicMs } from '../base/monotonic.ts'
import { type Balance, grossBalance, readBalances, readNumber, sumOverThreads } from '../books/balance.ts'
import { clicksPerSecond, latencyQuantiles } from '../books/windows.ts'
import type { Config } from '../config/config.ts'
import { CONTROL, HALF_COUNT, type RouteKind, type THREAD_NUMBER } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { readText } from '../memory/shared-text.ts'
import type { Ring } from '../ring/ring.ts'
import { type ByClass, byClass, grossOf } from '../rows/classes.ts'
import { databaseDownSince, databaseStatus, serviceStatus } from './status.ts'

/** What the health report and the metrics are made of. */
export interface HealthSources {
  readonly memory: SharedMemory
  readonly ring: Ring
  readonly config: Config
  /** What the other instances call this one. */
  readonly instance: string
  readonly version: string
}

/**
 * The document of /health, which schema.ts describes. It is made of shared memory and of the process's memory
 * use, so it is the same from every thread, and costs clicks nothing.
 */
export function healthReport({ memory, ring, config, instance, version }: HealthSources, nowMs: number) {
  const startedAtMs = readNumber(memory, 'startedAtMs')
  const { status, complaints } = serviceStatus(memory, nowMs)
  return {
    status,
    reason: complaints[0]?.reason ?? null,
    reasons: complaints,
    version,
    instance,
    startedAt: new Date(startedAtMs).toISOString(),
    // Not below 0 when the clock has been put back.
    uptimeSeconds: round(Math.max(0, nowMs - startedAtMs) / 1000, 1),
    clicks: clicksReport(memory, startedAtMs, nowMs),
    ring: ringReport(memory, ring),
    journal: journalReport(memory, config.journal),
    flush: flushReport(memory, config.clickFlusher.intervalMs),
    database: {
      status: databaseStatus(memory),
      downSince: databaseDownSince(memory),
      host: readText(memory, 'databaseHost') ?? config.database.server?.host ?? 'embedded',
      lastError: readText(memory, 'databaseLastError'),
    },
    keys: keysReport(memory),
    banners: bannersReport(memory),
    bots: botsReport(memory, config),
    history: historyReport(memory),
    http: httpReport(memory, nowMs),
    threads: Array.from({ length: memory.threadCount }, (_, id) => threadReport(memory, id)),
    memory: { rssBytes: process.memoryUsage.rss() },
  }
}

function clicksReport(memory: SharedMemory, startedAtMs: number, nowMs: number) {
  const balances = readBalances(memory)
  const { conflicts, ...balance } = grossBalance(balances)
  const perSecond = clicksPerSecond(memory, startedAtMs, nowMs)
  return {
    ...balance,
    byClass: ofClasses(balances, 'accepted'),
    storedByClass: ofClasses(balances, 'stored'),
    pendingByClass: ofClasses(balances, 'pending'),
    repeatedByClass: ofClasses(balances, 'repeated'),
    lostByClass: ofClasses(balances, 'lost'),
    perSecond: round(grossOf(perSecond), 1),
    perSecondByClass: named(byClass(of => round(perSecond[of], 1))),
    aside: readNumber(memory, 'asideClicks'),
    refused: {
      journal: sumOverThreads(memory, 'refusedJournal'),
      full: sumOverThreads(memory, 'refusedFull'),
      limit: sumOverThreads(memory, 'refusedLimit'),
      conflict: conflicts,
    },
    ignored: {
      prefetch: sumOverThreads(memory, 'ignoredPrefetch'),
      unknown: sumOverThreads(memory, 'ignoredUnknown'),
      inactive: sumOverThreads(memory, 'ignoredInactive'),
    },
    unnoted: sumOverThreads(memory, 'unnotedClicks'),
    unlimited: sumOverThreads(memory, 'unlimitedClicks'),
  }
}

/** One figure of the books, by the names of the classes. */
export function ofClasses(balances: ByClass<Balance>, name: keyof Balance) {
  return named(byClass(of => balances[of][name]))
}

export function named([valid, bot, duplicate]: ByClass<number>) {
  return { valid, bot, duplicate }
}

function ringReport(memory: SharedMemory, ring: Ring) {
  const generation = Atomics.load(memory.i32, CONTROL.generation)
  const half = generation % HALF_COUNT
  return {
    generation,
    slots: memory.maxBanners,
    slotsUsed: ring.slotsUsed(half),
    slotsForUnknown: ring.roomForUnknown,
    slotsUsedByUnknown: ring.slotsUsedByUnknown(half),
    refusedUnknown: sumOverThreads(memory, 'refusedUnknown'),
  }
}

function journalReport(memory: SharedMemory, { sync, maxBytes }: Config['journal']) {
  return {
    sync,
    files: readNumber(memory, 'journalFiles'),
    bytes: readNumber(memory, 'journalBytes'),
    maxBytes,
    fullInSeconds: journalFullInSeconds(memory, maxBytes),
    oldestSeconds: round(readNumber(memory, 'journalOldestMs') / 1000, 1),
    damaged: readNumber(memory, 'journalDamaged'),
    keptFiles: readNumber(memory, 'journalKeptFiles'),
    keptBytes: readNumber(memory, 'journalKeptBytes'),
  }
}

/** Seconds until the journal is full if it goes on growing at this rate. null: it does not grow. */
export function journalFullInSeconds(memory: SharedMemory, maxBytes: number): number | null {
  const growthPerSecond = readNumber(memory, 'journalGrowthPerSecond')
  if (growthPerSecond === 0) return null
  return Math.round(Math.max(0, maxBytes - readNumber(memory, 'journalBytes')) / growthPerSecond)
}

function flushReport(memory: SharedMemory, intervalMs: number) {
  const lastAtMs = readNumber(memory, 'flushLastAtMs')
  return {
    intervalSeconds: intervalMs / 1000,
    lastAt: lastAtMs === 0 ? null : new Date(lastAtMs).toISOString(),
    lastDurationMs: round(readNumber(memory, 'flushLastDurationMs'), 1),
    lastRows: readNumber(memory, 'flushLastRows'),
    failures: readNumber(memory, 'flushFailures'),
    lastError: readText(memory, 'flushLastError'),
  }
}

function keysReport(memory: SharedMemory) {
  const ageSeconds = ageSecondsOf('keys', memory)
  return {
    known: ageSeconds !== null,
    open: Atomics.load(memory.i32, CONTROL.keysAreOpen) !== 0,
    inForce: readNumber(memory, 'keysInForce'),
    ageSeconds: ageSeconds === null ? null : round(ageSeconds, 1),
    failed: sumOverThreads(memory, 'keysFailed'),
    limited: sumOverThreads(memory, 'keysLimited'),
  }
}

function bannersReport(memory: SharedMemory) {
  const ageSeconds = ageSecondsOf('banners', memory)
  return {
    known: ageSeconds !== null,
    registered: readNumber(memory, 'bannersRegistered'),
    ageSeconds: ageSeconds === null ? null : round(ageSeconds, 1),
    memoryBytes: readNumber(memory, 'bannersBytes'),
  }
}

function botsReport(memory: SharedMemory, { classes }: Config) {
  const readAtMs = readNumber(memory, 'botListsReadAtMs')
  return {
    classed: classes.areBotsClassed,
    patterns: readNumber(memory, 'botPatterns'),
    ranges: readNumber(memory, 'botRanges'),
    listsReadAt: readAtMs === 0 ? null : new Date(readAtMs).toISOString(),
  }
}

function historyReport(memory: SharedMemory) {
  // No month that is dropped ends at the epoch.
  const timeOf = (name: Parameters<typeof readNumber>[1]) => {
    const ms = readNumber(memory, name)
    return ms === 0 ? null : new Date(ms).toISOString()
  }
  return {
    quartersThrough: timeOf('quartersUntilMs'),
    daysThrough: timeOf('daysUntilMs'),
    minutesFrom: timeOf('minutesFromMs'),
    quartersFrom: timeOf('quartersFromMs'),
    withoutMinutes: readNumber(memory, 'withoutMinutesClicks'),
  }
}

/** Since Postgres has last confirmed them. null: it never did, neither to this process nor to an earlier one. */
export function ageSecondsOf(what: 'keys' | 'banners', memory: SharedMemory): number | null {
  if (Atomics.load(memory.i32, CONTROL[`${what}AreKnown`]) === 0) return null
  return Math.max(0, monotonicMs() - readNumber(memory, `${what}ConfirmedMs`)) / 1000
}

function httpReport(memory: SharedMemory, nowMs: number) {
  return {
    requests: sumOverThreads(memory, 'requests'),
    responses: {
      '2xx': sumOverThreads(memory, 'responses2xx'),
      '3xx': sumOverThreads(memory, 'responses3xx'),
      '4xx': sumOverThreads(memory, 'responses4xx'),
      '5xx': sumOverThreads(memory, 'responses5xx'),
    },
    refused: {
      connections: sumOverThreads(memory, 'refusedConnections'),
      requests: sumOverThreads(memory, 'refusedRequests'),
    },
    malformedForwarded: sumOverThreads(memory, 'forwardedMalformed'),
    latencyMs: latencyReport(memory, 'counting', nowMs),
    readingLatencyMs: latencyReport(memory, 'reading', nowMs),
    watchingLatencyMs: latencyReport(memory, 'watching', nowMs),
  }
}

function latencyReport(memory: SharedMemory, kind: RouteKind, nowMs: number) {
  const [p50, p90, p99, p999] = latencyQuantiles(memory, kind, nowMs, [0.5, 0.9, 0.99, 0.999])
  return { p50, p90, p99, p999 }
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
