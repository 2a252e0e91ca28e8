import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenLoopResult } from '../load/open-loop.ts'
import { readHealth } from './health.ts'

/** When a flush ran, in milliseconds since the epoch. */
interface FlushWindow {
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

type Clicks = Pick<OpenLoopResult, 'latencyMs' | 'sentAfterMs'>

/** The clicks that were under way while a flush ran, and the others. */
export function clicksApart(
  { answeredAtMs, latencyMs, sentAfterMs }: Clicks & Pick<OpenLoopResult, 'answeredAtMs'>,
  windows: readonly Pick<FlushWindow, 'startMs' | 'endMs'>[],
): { readonly during: Clicks; readonly otherwise: Clicks } {
  const isDuring = (click: number) => {
    const answeredAt = answeredAtMs[click]!
    return windows.some(
      ({ startMs, endMs }) => answeredAt >= startMs && answeredAt - latencyMs[click]! <= endMs,
    )
  }
  const those = (areDuring: boolean): Clicks => ({
    latencyMs: latencyMs.filter((_, click) => isDuring(click) === areDuring),
    sentAfterMs: sentAfterMs.filter((_, click) => isDuring(click) === areDuring),
  })
  return { during: those(true), otherwise: those(false) }
}
