import { DURATION_BUCKETS } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

/** Largest duration of each bucket, in steps of 1, 2.5 and 5, as Prometheus' clients have them. */
export const BUCKET_TOPS_MS: readonly number[] = [
  0.5,
  1,
  2.5,
  5,
  10,
  25,
  50,
  100,
  250,
  500,
  1000,
  2500,
  5000,
  10_000,
  Number.POSITIVE_INFINITY,
]

/**
 * Durations since the start of the process, in shared memory: a word with their sum in milliseconds, then a
 * word with the number of durations in each bucket. One writer stores plainly. A thread that takes the place
 * of a dead one goes on with its numbers, so that they never become less.
 */
export class Durations {
  readonly #f64: Float64Array
  readonly #index: number

  constructor(memory: SharedMemory, index: number) {
    this.#f64 = memory.f64
    this.#index = index
  }

  /** Adds `times` durations of the same length. */
  add(durationMs: number, times = 1): void {
    let bucket = 0
    while (durationMs > BUCKET_TOPS_MS[bucket]!) bucket++
    this.#f64[this.#index]! += durationMs * times
    this.#f64[this.#index + 1 + bucket]! += times
  }
}

export interface DurationTotals {
  readonly sumMs: number
  /** How many in each bucket, not cumulative. */
  readonly counts: readonly number[]
}

/** The sums of several writers' durations. `indices`: where each writer's words begin in f64. */
export function readDurations({ f64 }: SharedMemory, indices: readonly number[]): DurationTotals {
  const sumOf = (word: number) => indices.reduce((sum, index) => sum + f64[index + word]!, 0)
  return {
    sumMs: sumOf(0),
    counts: Array.from({ length: DURATION_BUCKETS }, (_, bucket) => sumOf(1 + bucket)),
  }
}
