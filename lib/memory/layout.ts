import { CLASSES } from '../rows/classes.ts'
import { CONDITIONS } from './conditions.ts'

/**
 * The shared memory, described like a file format. This module owns every offset; all others go through
 * the views and names below.
 *
 * One SharedArrayBuffer, regions in this order, each aligned to a cache line (64 bytes) so that threads do
 * not fight over one line. `i32` fields are read and written with Atomics unless the table says otherwise.
 * `f64` fields hold whole numbers up to 2^53 (or times in milliseconds) and have exactly one writer at a
 * time: an aligned 8-byte store does not tear on the 64-bit platforms Node runs on, and the seq-cst store
 * to a thread's `presence` that follows each change publishes it.
 *
 * | region  | field               | type | writer            | holds                                          |
 * |---------|---------------------|------|-------------------|------------------------------------------------|
 * | control | generation          | i32  | flush worker      | ≥ 1; the generation new clicks enter           |
 * | control | collectedGeneration | i32  | main              | all up to this one have left the ring          |
 * | control | booksVersion        | i32  | main; readers + 0 | odd while main changes its numbers (seqlock)   |
 * | control | serviceState        | i32  | main              | SERVICE_…                                      |
 * | control | databaseState       | i32  | main              | DATABASE_…                                     |
 * | control | backlogIsFull       | i32  | main              | 1: clicks are refused, the budget is used up           |
 * | control | hashSeed            | i32  | main, once        | where banners' slots are depends on it         |
 * | control | databaseAnswers     | i32  | flush worker      | its answers so far, modulo 2^32                |
 * | control | brokenGeneration0,1 | i32  | main              | by half: the newest that a thread died in, or 0 |
 * | numbers | …                   | f64  | main              | see NUMBER                                     |
 * | texts   | version, length, …  | i32  | main; readers + 0 | see lib/memory/shared-text.ts                  |
 * | conditions | since            | f64  | main              | when each of CONDITIONS was raised; its text tells if it is |
 * | flushes | durations           | f64  | main              | see lib/books/durations.ts                    |
 * | thread  | presence            | i32  | that thread, main | generation the thread is in, 0: in none        |
 * | thread  | numbers             | f64  | that thread       | see THREAD_NUMBER                              |
 * | thread  | durations           | f64  | that thread       | of its answers, by kind; lib/books/durations.ts |
 * | thread  | rates, latencies    | i32  | that thread       | latencies by kind; lib/books/windows.ts; plain access |
 * | part    | minute              | i32  | any thread, CAS   | minutes since the epoch, 0: part unused        |
 * | part    | used                | i32  | any thread, add   | claimed (or just being claimed) slots          |
 * | part    | slot: banner        | i32  | any thread, CAS   | banner id, 0: free                             |
 * | part    | slot: clicks        | i32  | any thread, add   | a word for each of CLASSES, 0 … 2^31 − 1       |
 *
 * After the thread blocks come the two halves, each of MINUTES_PER_HALF parts. The thread's `clicksInHalf`
 * numbers and everything in a half are set to zero by the flush worker while no thread is inside (ring.ts).
 *
 * Widths from end to end: Int32 slot → JS number (whole, below 2^53) → bigint column.
 */

/** Half the ring serves every second generation: while one is drained, the other one counts. */
export const HALF_COUNT = 2
/** Minutes one generation can span before the ring asks for a flip: one flush interval, over a minute's edge, late. */
export const MINUTES_PER_HALF = 4
/** The most that one slot can hold of one class. */
export const MAX_SLOT_CLICKS = 2 ** 31 - 1

export const SERVICE_STARTING = 0
export const SERVICE_SERVING = 1
export const SERVICE_STOPPING = 2

export const DATABASE_UNKNOWN = 0
export const DATABASE_UP = 1
export const DATABASE_DOWN = 2

export const CONTROL = {
  generation: 0,
  collectedGeneration: 1,
  booksVersion: 2,
  serviceState: 3,
  databaseState: 4,
  backlogIsFull: 5,
  hashSeed: 6,
  databaseAnswers: 7,
  brokenGeneration0: 8,
  brokenGeneration1: 9,
} as const

/** Service-wide numbers, written by main alone. Clicks are cumulative since the start. */
export const NUMBER = {
  startedAtMs: 0,
  collectedClicks: 1,
  backlogClicks: 2,
  storedClicks: 3,
  flushLastAtMs: 4,
  flushLastDurationMs: 5,
  flushLastRows: 6,
  flushFailures: 7,
  journalFiles: 8,
  journalBytes: 9,
  journalOldestMs: 10,
  journalDamaged: 11,
  flushRows: 12,
  databaseDownSinceMs: 13,
  journalGrowthPerSecond: 14,
  logLinesDropped: 15,
  lostClicks: 16,
  asideClicks: 17,
  journalKeptFiles: 18,
  journalKeptBytes: 19,
} as const

/** A request thread's numbers: counts since the start of the process, a restarted thread goes on with them. */
export const THREAD_NUMBER = {
  clicksInHalf0: 0,
  clicksInHalf1: 1,
  refusedFull: 2,
  refusedJournal: 3,
  ignoredPrefetch: 4,
  requests: 5,
  responses2xx: 6,
  responses3xx: 7,
  responses4xx: 8,
  responses5xx: 9,
  utilization: 10,
  eventLoopDelayP99Ms: 11,
  journalFailedAtMs: 12,
} as const

export const TEXTS = ['flushLastError', 'databaseLastError', ...CONDITIONS] as const
export type TextName = (typeof TEXTS)[number]
export const TEXT_HEADER_WORDS = 2
export const TEXT_BYTES = 504

/** What an answer was for: a click, a question about clicks, or the service itself. Each has latencies of its own. */
export const ROUTE_KINDS = ['counting', 'reading', 'watching'] as const
export type RouteKind = (typeof ROUTE_KINDS)[number]

/** Durations since the start: their sum and so many buckets. */
export const DURATION_BUCKETS = 15

/** Accepted clicks a second: one (second, clicks) pair each for the last seconds. */
export const RATE_SECONDS = 16
/** Latency: one (stamp, buckets…) histogram for each 10 s of the last minute, and the one being filled. */
export const LATENCY_WINDOWS = 7
export const LATENCY_BUCKETS = 384

export const PART = { minute: 0, used: 1 } as const
/** The words of a slot: the banner, then a word for each class. */
export const SLOT = { banner: 0, clicks: 1 } as const
/** 16 bytes: a slot never lies on two cache lines. */
export const SLOT_WORDS = SLOT.clicks + CLASSES.length

export const LINE_BYTES = 64

export interface SharedMemoryShape {
  readonly threadCount: number
  /** Distinct banners per minute in a half, ≥ 1. */
  readonly maxBanners: number
}

/** Where the regions are, and how large. */
export function offsetsOf({ threadCount, maxBanners }: SharedMemoryShape) {
  const slotCount = 2 ** Math.ceil(Math.log2(Math.max(16, maxBanners * 1.5)))
  const numbersBytes = aligned(Object.keys(CONTROL).length * 4)
  const textsBytes = numbersBytes + aligned(Object.keys(NUMBER).length * 8)
  const conditionsBytes = textsBytes + aligned(TEXTS.length * (TEXT_HEADER_WORDS * 4 + TEXT_BYTES))
  const flushesBytes = conditionsBytes + aligned(CONDITIONS.length * 8)
  const durationsBytes = aligned((1 + DURATION_BUCKETS) * 8)
  const threadsBytes = flushesBytes + durationsBytes
  const durationsInThreadBytes = LINE_BYTES + aligned(Object.keys(THREAD_NUMBER).length * 8)
  const ratesInThreadBytes = durationsInThreadBytes + ROUTE_KINDS.length * durationsBytes
  const latenciesInThreadBytes = ratesInThreadBytes + aligned(RATE_SECONDS * 2 * 4)
  const latenciesBytes = aligned(LATENCY_WINDOWS * (1 + LATENCY_BUCKETS) * 4)
  const threadBytes = latenciesInThreadBytes + ROUTE_KINDS.length * latenciesBytes
  const ringBytes = threadsBytes + threadCount * threadBytes
  const partBytes = LINE_BYTES + aligned(slotCount * SLOT_WORDS * 4)
  const totalBytes = ringBytes + HALF_COUNT * MINUTES_PER_HALF * partBytes
  return {
    slotCount,
    numbersBytes,
    textsBytes,
    conditionsBytes,
    flushesBytes,
    threadsBytes,
    durationsBytes,
    durationsInThreadBytes,
    ratesInThreadBytes,
    latenciesBytes,
    latenciesInThreadBytes,
    threadBytes,
    ringBytes,
    partBytes,
    totalBytes,
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / LINE_BYTES) * LINE_BYTES
}
