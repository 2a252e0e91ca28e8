import { openLoop } from '../load/open-loop.ts'
import { audited } from '../measuring/audit.ts'
import { clicksApart, flushesDuring } from '../measuring/flush-windows.ts'
import { startMeasuredService } from '../measuring/service.ts'
import { median, quantile } from '../measuring/statistics.ts'
import { progress } from '../report/progress.ts'
import { markdownTable } from '../report/table.ts'

/** Second part of the section `flush`: how long a click waits while many banners are stored. */

const HEALTH_INTERVAL_MS = 100

interface LargeFlushRun {
  readonly ratePerSecond: number
  readonly seconds: number
  readonly intervalSeconds: number
}

type LargeFlushes = Awaited<ReturnType<typeof measurePlaced>>

/** Once with the service and Postgres on one core, once with the cores left to the system. */
export async function measureLargeFlushes(run: LargeFlushRun) {
  return { onOneCore: await measurePlaced(run, true), anywhere: await measurePlaced(run, false) }
}

/** Each click of an interval is for another banner. So a flush has as many slots as there are banners. */
async function measurePlaced(run: LargeFlushRun, isPinned: boolean) {
  const { ratePerSecond, seconds, intervalSeconds } = run
  const banners = ratePerSecond * intervalSeconds
  const settings = {
    CLICK_FLUSHER_INTERVAL: String(intervalSeconds),
    // A ring that is nearly full is flushed before the interval is over. /health, which tells of the last
    // flush only, could then hide a flush between two looks.
    MAX_BANNERS: String(2 * banners),
  }
  const service = await startMeasuredService(settings, { isPinned })
  try {
    progress('flush: warming up')
    await openLoop(service.url, { ratePerSecond, seconds: intervalSeconds, banners })
    progress(`flush: ${ratePerSecond} clicks/s over ${banners} banners for ${seconds} s`)
    return await audited(service, 0, async () => {
      const { result: clicked, windows: all } = await flushesDuring(service.url, HEALTH_INTERVAL_MS, () =>
        openLoop(service.url, { ratePerSecond, seconds, banners }),
      )
      const windows = all.filter(({ rows }) => rows > banners / 2)
      const { during, otherwise } = clicksApart(clicked, windows)
      return {
        p99DuringMs: quantile(during.latencyMs, 0.99),
        p99OtherwiseMs: quantile(otherwise.latencyMs, 0.99),
        windows,
        acknowledged: clicked.acknowledged,
        failed: clicked.failed,
      }
    })
  } finally {
    await service.end()
  }
}

export function largeFlushText(
  { onOneCore, anywhere }: Awaited<ReturnType<typeof measureLargeFlushes>>,
  { ratePerSecond, seconds, intervalSeconds }: LargeFlushRun,
): string {
  return `While large flushes run, the p99 of a click is **${longer(onOneCore)} ms** longer when the service and its Postgres share a core,
**${longer(anywhere)} ms** when the system places them and the client on two cores.

${markdownTable(
  [
    'cores',
    'p99 longer by ms',
    'p99 during ms',
    'p99 otherwise ms',
    'flushes',
    'slots',
    'flush ms',
    'lost',
    'doubled',
  ],
  [
    ['one for service and Postgres, one for the client', ...largeFlushRow(onOneCore)],
    ['as the system places all three', ...largeFlushRow(anywhere)],
  ],
)}
${ratePerSecond} clicks a second, evenly, over ${ratePerSecond * intervalSeconds} banners for ${seconds} s, a flush every ${intervalSeconds} s. A click's wait counts from
when it was due. A flush takes as long as /health says: that is its transaction, without the time to take the slots out of
the ring.
`
}

function longer({ p99DuringMs, p99OtherwiseMs }: LargeFlushes): string {
  return (p99DuringMs - p99OtherwiseMs).toFixed(2)
}

function largeFlushRow(large: LargeFlushes): (string | number)[] {
  const { windows, p99DuringMs, p99OtherwiseMs, lost, doubled } = large
  const durationMs = median(windows.map(({ startMs, endMs }) => endMs - startMs))
  const rows = median(windows.map(({ rows }) => rows))
  return [
    longer(large),
    p99DuringMs.toFixed(2),
    p99OtherwiseMs.toFixed(2),
    windows.length,
    rows,
    durationMs.toFixed(0),
    lost,
    doubled,
  ]
}
