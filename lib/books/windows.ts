import {
  LATENCY_BUCKETS,
  LATENCY_WINDOWS,
  RATE_SECONDS,
  RATE_WORDS,
  ROUTE_KINDS,
  type RouteKind,
} from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { type ByClass, byClass, CLICK_CLASSES } from '../rows/classes.ts'

/**
 * What happened lately, in shared memory: accepted clicks of the last seconds, and latencies of the last
 * minute. Each thread writes windows of its own, so plain stores are enough. No timer moves the windows on:
 * each has the time that it is for, and the first write of a later time starts it over. A reader that comes
 * in the middle of that misses a little.
 */

const RATE_SPAN_SECONDS = 10
const LATENCY_WINDOW_MS = 10_000
const WINDOW_WORDS = 1 + LATENCY_BUCKETS
/** 16 buckets for each doubling: a bucket is at most 6.25 % wide, as in HdrHistogram. */
const SUB_BUCKET_BITS = 4
const SUB_BUCKETS = 2 ** SUB_BUCKET_BITS
const MAX_LATENCY_US = 2 ** 26 - 1

/** How long an answer took, and what for. */
export interface Latency {
  readonly kind: RouteKind
  readonly ms: number
}

export class ThreadWindows {
  readonly #i32: Int32Array
  readonly #rates: number
  readonly #latencies: ReadonlyMap<RouteKind, number>

  constructor(memory: SharedMemory, threadIndex: number) {
    this.#i32 = memory.i32
    this.#rates = memory.ratesIndex(threadIndex)
    this.#latencies = new Map(ROUTE_KINDS.map(kind => [kind, memory.latenciesIndex(threadIndex, kind)]))
  }

  addClicks(nowMs: number, clicks: ByClass<number>): void {
    const second = secondOf(nowMs)
    const rate = this.#rates + (second % RATE_SECONDS) * RATE_WORDS
    if (this.#i32[rate] !== second) {
      // The counts first. With the second first, a reader could take the old counts for those of the new second.
      for (const clickClass of CLICK_CLASSES) this.#i32[rate + 1 + clickClass] = 0
      this.#i32[rate] = second
    }
    for (const clickClass of CLICK_CLASSES)
      if (clicks[clickClass] > 0) this.#i32[rate + 1 + clickClass]! += clicks[clickClass]
  }

  addLatency(nowMs: number, { kind, ms }: Latency, answers = 1): void {
    const stamp = Math.floor(nowMs / LATENCY_WINDOW_MS)
    const window = this.#latencies.get(kind)! + (stamp % LATENCY_WINDOWS) * WINDOW_WORDS
    if (this.#i32[window] !== stamp) {
      // The buckets first. With the stamp first, a reader could take old latencies for new ones.
      this.#i32.fill(0, window + 1, window + WINDOW_WORDS)
      this.#i32[window] = stamp
    }
    this.#i32[window + 1 + bucketOf(ms * 1000)]! += answers
  }
}

/** Accepted clicks a second, over the last ten whole seconds, or since the start when that was later. */
export function clicksPerSecond(memory: SharedMemory, startedAtMs: number, nowMs: number): ByClass<number> {
  const thisSecond = secondOf(nowMs)
  // Of the second in which the service started, only the part after the start counts.
  const servedSeconds = Math.floor(nowMs / 1000) - startedAtMs / 1000
  const clicks: [number, number, number] = [0, 0, 0]
  for (let threadIndex = 0; threadIndex < memory.threadCount; threadIndex++) {
    const rates = memory.ratesIndex(threadIndex)
    for (let rate = rates; rate < rates + RATE_SECONDS * RATE_WORDS; rate += RATE_WORDS) {
      const age = thisSecond - memory.i32[rate]!
      if (age < 1 || age > RATE_SPAN_SECONDS) continue
      for (const clickClass of CLICK_CLASSES) clicks[clickClass] += memory.i32[rate + 1 + clickClass]!
    }
  }
  // The clicks are divided by the whole span in the first second, which has no rate yet, and after the clock
  // was put back, when the time since the start means nothing.
  const seconds = servedSeconds >= 1 ? Math.min(RATE_SPAN_SECONDS, servedSeconds) : RATE_SPAN_SECONDS
  return byClass(of => clicks[of] / seconds)
}

/** Seconds since the epoch. In 2038 they outgrow an Int32 and begin again at 0. */
function secondOf(nowMs: number): number {
  return Math.floor(nowMs / 1000) % 2 ** 31
}

/**
 * Latencies of one kind in milliseconds at the given fractions (0 … 1), over the last minute and all threads.
 */
export function latencyQuantiles<const Fractions extends readonly number[]>(
  memory: SharedMemory,
  kind: RouteKind,
  nowMs: number,
  fractions: Fractions,
): { [Index in keyof Fractions]: number } {
  const buckets = new Float64Array(LATENCY_BUCKETS)
  const newest = Math.floor(nowMs / LATENCY_WINDOW_MS)
  for (let threadIndex = 0; threadIndex < memory.threadCount; threadIndex++) {
    const latencies = memory.latenciesIndex(threadIndex, kind)
    for (let window = 0; window < LATENCY_WINDOWS; window++) {
      const header = latencies + window * WINDOW_WORDS
      const age = newest - memory.i32[header]!
      if (age < 0 || age >= LATENCY_WINDOWS) continue
      for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++)
        buckets[bucket]! += memory.i32[header + 1 + bucket]!
    }
  }
  const total = buckets.reduce((sum, count) => sum + count, 0)
  const quantiles = fractions.map(fraction => quantile(buckets, total * fraction))
  return quantiles as { [Index in keyof Fractions]: number }
}

/** The top of the bucket that holds the `rank`th latency, in milliseconds. */
function quantile(buckets: Float64Array, rank: number): number {
  if (rank === 0) return 0
  let left = rank
  const bucket = buckets.findIndex(count => (left -= count) <= 0)
  return bucketTopUs(bucket) / 1000
}

/** Each of 0 … 15 µs has a bucket of its own. From there on, each doubling has SUB_BUCKETS. */
export function bucketOf(latencyUs: number): number {
  const us = Math.min(MAX_LATENCY_US, Math.max(0, Math.floor(latencyUs)))
  if (us < SUB_BUCKETS) return us
  const exponent = 31 - Math.clz32(us) - SUB_BUCKET_BITS
  return (exponent + 1) * SUB_BUCKETS + ((us >>> exponent) & (SUB_BUCKETS - 1))
}

/** The largest whole number of microseconds that falls into the bucket. */
export function bucketTopUs(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket
  const exponent = Math.floor(bucket / SUB_BUCKETS) - 1
  return (SUB_BUCKETS + (bucket % SUB_BUCKETS) + 1) * 2 ** exponent - 1
}
