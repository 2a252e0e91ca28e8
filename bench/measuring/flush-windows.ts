import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenLoopResult } from '../load/open-loop.ts'
import { readHealth } from './health.ts'

/** When a flush ran, in milliseconds since the epoch. */
export interface FlushWindow {
  readonly startMs: number
  readonly endMs: number
  readonly rows: number
}

/**
 * Tells when flushes ran while `act` did something. /health tells of the last one only, so it is to be read
 * more often than flushes end.
 */
export async function flushesDuring<Result>(
  url: string,
  lookIntervalMs: number,
  act: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly windows: FlushWindow[] }> {
  const windows = new Map<number, FlushWindow>()
  const look = async () => {
    const { lastAt, lastDurationMs, lastRows } = (await readHealth(url)).flush
    const endMs = lastAt === null ? 0 : Date.parse(lastAt)
    windows.set(endMs, { startMs: endMs - lastDurationMs, endMs, rows: lastRows })
  }
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      await look()
      await sleep(lookIntervalMs)
    }
  })()
  const result = await act().finally(() => {
    isOver = true
  })
  await watching
  await look()
  return { result, windows: [...windows.values()] }
}

/** Latencies of the clicks that were under way while a flush ran, and of the others. */
export function latenciesApart(
  { answeredAtMs, latencyMs }: Pick<OpenLoopResult, 'answeredAtMs' | 'latencyMs'>,
  windows: readonly Pick<FlushWindow, 'startMs' | 'endMs'>[],
): { readonly duringMs: Float64Array; readonly otherwiseMs: Float64Array } {
  const isDuring = (latency: number, index: number) => {
    const answeredAt = answeredAtMs[index]!
    return windows.some(({ startMs, endMs }) => answeredAt >= startMs && answeredAt - latency <= endMs)
  }
  return {
    duringMs: latencyMs.filter(isDuring),
    otherwiseMs: latencyMs.filter((latency, index) => !isDuring(latency, index)),
  }
}
