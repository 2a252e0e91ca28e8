import { Worker } from 'node:worker_threads'

/**
 * The bench's own load client. wrk saturates, autocannon sends the clicks of each second
 * at once; this one is even.
 */

const DEFAULT_PATIENCE_SECONDS = 10

export interface OpenLoop {
  readonly ratePerSecond: number
  readonly seconds: number
  /** Clicked one after the other, 1 … banners. */
  readonly banners: number
  /** How long the last answers are waited for after the last click was due. */
  readonly patienceSeconds?: number
}

export interface OpenLoopResult {
  /** Clicks answered with 204. */
  readonly acknowledged: number
  /** Clicks answered otherwise, not at all, or not in time. */
  readonly failed: number
  /** From the first click to the last answer. */
  readonly elapsedSeconds: number
  /** When each acknowledgement came, in milliseconds since the epoch. */
  readonly answeredAtMs: Float64Array
  /** From when the click was due until then, in milliseconds, in the same order. */
  readonly latencyMs: Float64Array
}

/**
 * Sends clicks that fall due evenly, whatever becomes of the earlier ones, and counts each wait from when the
 * click was due: a stall shows in every click it delays. Runs in a thread of its own, so that what the caller
 * computes delays no click. Once connected, it takes at most `seconds` and `patienceSeconds` together.
 */
export async function openLoop(url: string, options: OpenLoop): Promise<OpenLoopResult> {
  const worker = new Worker(new URL('./open-loop-thread.ts', import.meta.url), {
    workerData: { url, patienceSeconds: DEFAULT_PATIENCE_SECONDS, ...options },
  })
  const { promise, resolve, reject } = Promise.withResolvers<OpenLoopResult>()
  worker.once('message', resolve)
  worker.once('error', reject)
  return promise
}
