import { setTimeout as sleep } from 'node:timers/promises'
import { barChart } from './bar-chart.ts'
import { placement } from './cores.ts'
import { threadCpuSeconds } from './cpu.ts'
import { readHealth } from './health.ts'
import { type Paced, pace } from './pace.ts'
import { takeTurns } from './rounds.ts'
import { type BenchOptions, progress, type Section } from './section.ts'
import { type MeasuredService, startMeasuredService } from './service.ts'
import { median, quantile } from './statistics.ts'
import { markdownTable } from './table.ts'
import { discrepancy, isSound, type Oracle } from './turn.ts'
import { CONNECTIONS, runWrk, type WrkResult } from './wrk.ts'

/** Question: does storing the clicks stay out of their way? */

const BANNERS = 100
const WARM_UP_SECONDS = 2
const HEALTH_INTERVAL_MS = 100

/** Threads by the names they have in the system. */
const THREADS: Readonly<Record<string, string>> = {
  'request 0': 'request thread',
  WorkerThread: 'flush worker',
  'node-MainThread': 'main thread',
  'node-V8Worker': "V8's helpers (garbage, compiling)",
}

/** Parts of one core, by thread. */
type Shares = ReadonlyMap<string, number>

interface Share extends Oracle {
  readonly shares: Shares
  readonly acknowledged: number
}

interface FlushWindow {
  readonly startMs: number
  readonly endMs: number
  readonly rows: number
}

export async function measureFlush({ isQuick }: BenchOptions): Promise<Section> {
  const rounds = isQuick ? 1 : 5
  const seconds = isQuick ? 3 : 6
  const shares = await measureShares(rounds, seconds, isQuick)
  const run = isQuick
    ? { ratePerSecond: 2000, seconds: 6, intervalSeconds: 2 }
    : { ratePerSecond: 10_000, seconds: 40, intervalSeconds: 10 }
  const large = await measureLargeFlushes(run)
  return {
    text: `${shareText(shares, rounds, seconds)}\n${largeText(large, run)}`,
    raw: {
      shares: shares.map(share => ({ ...share, shares: Object.fromEntries(share.shares) })),
      large: { ...run, ...large },
    },
    charts: {
      'flush.svg': barChart(
        `Per cent of one core, saturated, ${BANNERS} banners`,
        [...medianShares(shares)].map(([label, value]) => ({ label, value: 100 * value })),
      ),
    },
    isSound: isSound([...shares, large]),
  }
}

async function measureShares(rounds: number, seconds: number, isQuick: boolean): Promise<Share[]> {
  const service = await startMeasuredService()
  try {
    progress('flush: warming up')
    await saturate(service, isQuick ? 1 : WARM_UP_SECONDS)
    const subject = { name: `${BANNERS} banners, saturated` }
    const [samples] = await takeTurns('flush', [subject], rounds, () => measureShare(service, seconds))
    return samples!
  } finally {
    await service.end()
  }
}

/** Only what happens while clicks come in, several flushes among it: asking for totals is no part of it. */
async function measureShare(service: MeasuredService, seconds: number): Promise<Share> {
  const storedBefore = await service.storedClicks()
  const startedAt = performance.now()
  const before = cpuByName(service)
  const { succeeded: acknowledged, failed } = await saturate(service, seconds)
  const after = cpuByName(service)
  const elapsedSeconds = (performance.now() - startedAt) / 1000
  const stored = (await service.storedClicks()) - storedBefore
  const shares = [...after].map(
    ([name, used]) => [name, (used - before.get(name)!) / elapsedSeconds] as const,
  )
  return {
    shares: new Map(shares),
    acknowledged,
    failed,
    ...discrepancy({ acknowledged, stored, unanswered: CONNECTIONS }),
  }
}

/** Processor seconds so far, by what the thread is for. */
function cpuByName(service: MeasuredService): Map<string, number> {
  const threads = threadCpuSeconds(service.pid)
  const named = Object.entries(THREADS).map(([thread, name]) => {
    const seconds = threads.get(thread)
    if (seconds === undefined) throw new Error(`the service should have a thread named ${thread}`)
    return [name, seconds] as const
  })
  return new Map([...named, ['Postgres', service.databaseCpuSeconds()]])
}

function saturate({ url }: MeasuredService, seconds: number): Promise<WrkResult> {
  return runWrk(url, { seconds, script: { file: 'banners.lua', argument: BANNERS } })
}

function medianShares(samples: readonly Share[]): Shares {
  const names = [...samples[0]!.shares.keys()]
  return new Map(names.map(name => [name, median(samples.map(({ shares }) => shares.get(name)!))]))
}

function shareText(samples: readonly Share[], rounds: number, seconds: number): string {
  const shares = medianShares(samples)
  const percent = (value: number) => `${(100 * value).toFixed(2)} %`
  const flushing = median(samples.map(({ shares }) => shares.get('flush worker')! + shares.get('Postgres')!))
  return `Flush worker and Postgres together take **${percent(flushing)}** of one core.

${markdownTable(
  ['who', 'of one core'],
  [...shares].map(([name, value]) => [name, percent(value)]),
)}
![Who takes how much of a core](results/flush.svg)

${BANNERS} banners, saturated by \`wrk -t1 -c64\`, ${rounds} turns of ${seconds} s, a flush every 2 s. ${placement}
Medians.
`
}

/** Clicks at an even rate, each interval's spread over as many banners: every flush has that many slots. */
async function measureLargeFlushes(run: { ratePerSecond: number; seconds: number; intervalSeconds: number }) {
  const { ratePerSecond, seconds, intervalSeconds } = run
  const banners = ratePerSecond * intervalSeconds
  const service = await startMeasuredService({ CLICK_FLUSHER_INTERVAL: String(intervalSeconds) })
  try {
    progress('flush: warming up')
    await pace(service.url, { ratePerSecond, seconds: intervalSeconds, banners })
    progress(`flush: ${ratePerSecond} clicks/s over ${banners} banners for ${seconds} s`)
    const storedBefore = await service.storedClicks()
    const ended = new AbortController()
    const watched = watchFlushes(service.url, ended.signal)
    const paced = await pace(service.url, { ratePerSecond, seconds, banners })
    ended.abort()
    const windows = (await watched).filter(({ rows }) => rows > banners / 2)
    const { acknowledged } = paced
    const stored = (await service.storedClicks()) - storedBefore
    return {
      ...p99Apart(paced, windows),
      windows,
      acknowledged,
      failed: 0,
      ...discrepancy({ acknowledged, stored, unanswered: 0 }),
    }
  } finally {
    await service.end()
  }
}

/** When flushes ran, as far as /health tells: one that is over before the next look. */
async function watchFlushes(url: string, signal: AbortSignal): Promise<FlushWindow[]> {
  const windows = new Map<number, FlushWindow>()
  while (!signal.aborted) {
    const { lastAt, lastDurationMs, lastRows } = (await readHealth(url)).flush
    const endMs = lastAt === null ? 0 : Date.parse(lastAt)
    windows.set(endMs, { startMs: endMs - lastDurationMs, endMs, rows: lastRows })
    await sleep(HEALTH_INTERVAL_MS)
  }
  return [...windows.values()]
}

/** p99 of the clicks that were under way while a flush ran, and of the others. */
export function p99Apart(
  { answeredAtMs, latencyMs }: Pick<Paced, 'answeredAtMs' | 'latencyMs'>,
  windows: readonly Pick<FlushWindow, 'startMs' | 'endMs'>[],
): { p99DuringMs: number; p99OtherwiseMs: number } {
  const isDuring = (latency: number, index: number) => {
    const answeredAt = answeredAtMs[index]!
    return windows.some(({ startMs, endMs }) => answeredAt >= startMs && answeredAt - latency <= endMs)
  }
  return {
    p99DuringMs: quantile(latencyMs.filter(isDuring), 0.99),
    p99OtherwiseMs: quantile(
      latencyMs.filter((latency, index) => !isDuring(latency, index)),
      0.99,
    ),
  }
}

function largeText(
  large: Awaited<ReturnType<typeof measureLargeFlushes>>,
  {
    ratePerSecond,
    seconds,
    intervalSeconds,
  }: { ratePerSecond: number; seconds: number; intervalSeconds: number },
): string {
  const { windows, p99DuringMs, p99OtherwiseMs, lost, doubled } = large
  const duration = median(windows.map(({ startMs, endMs }) => endMs - startMs))
  const rows = median(windows.map(({ rows }) => rows))
  return `While large flushes run, the p99 of a click is **${(p99DuringMs - p99OtherwiseMs).toFixed(2)} ms** longer.

${markdownTable(
  ['p99 during ms', 'p99 otherwise ms', 'flushes', 'slots', 'flush ms', 'lost', 'doubled'],
  [
    [
      p99DuringMs.toFixed(2),
      p99OtherwiseMs.toFixed(2),
      windows.length,
      rows,
      duration.toFixed(0),
      lost,
      doubled,
    ],
  ],
)}
${ratePerSecond} clicks a second, evenly, over ${ratePerSecond * intervalSeconds} banners for ${seconds} s, a flush every ${intervalSeconds} s. Service and Postgres
share a core. What a click waits is counted from when it was due.
`
}
