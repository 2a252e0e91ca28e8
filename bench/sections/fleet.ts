import { openLoop } from '../load/open-loop.ts'
import { clicksOver, runWrk } from '../load/wrk.ts'
import { audited, isSound, ORACLE_FIGURES, type Oracle, oracleTotals } from '../measuring/audit.ts'
import { type Fleet, startFleet } from '../measuring/fleet.ts'
import { flushesDuring } from '../measuring/flush-windows.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { median, medianRatio, quantile } from '../measuring/statistics.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import { measureRestarts, restartsText } from './fleet-restarts.ts'
import type { BenchOptions, Section } from './section.ts'

const SIZES = [1, 2, 3]
/** Each instance is clicked on all of them, so that all add to the same rows. */
const BANNERS = 10_000
const RATE_PER_SECOND = 6000
const CONNECTIONS = 96
/** So that each round has some flushes. */
const FLUSH_INTERVAL_SECONDS = 1
const HEALTH_INTERVAL_MS = 100

interface Run {
  readonly rounds: number
  /** Of the even clicks, and of the saturation. */
  readonly seconds: number
}

export interface FleetSample extends Oracle {
  readonly acknowledged: number
  readonly flushMs: number
  readonly rows: number
  readonly rowsPerSecond: number
  readonly p99Ms: number
  readonly clicksPerSecond: number
}

export const fleet: Section = {
  name: 'fleet',
  title: 'Fleet',
  question: 'what do several instances on one Postgres cost each other, and who notices a restart?',
  needs: ['wrk', 'cc', 'nginx'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const run = isQuick ? { rounds: 1, seconds: 3 } : { rounds: 3, seconds: 4 }
  const samples = await measureSizes(run, isQuick)
  const restarts = await measureRestarts(isQuick)
  return {
    text: `${fleetTable(samples)}
${explanation(run)}
${restartsText(restarts)}`,
    raw: { sizes: SIZES.map((size, index) => ({ size, samples: samples[index] })), restarts },
    charts: {
      'fleet.svg': barChart(
        'Milliseconds of a flush, by instances',
        SIZES.map((size, index) => ({
          label: String(size),
          value: median(samples[index]!.map(({ flushMs }) => flushMs)),
        })),
      ),
    },
    isSound: isSound([...samples.flat(), restarts]),
  }
}

/** All instances run at once, and the first ones are clicked. */
async function measureSizes(run: Run, isQuick: boolean): Promise<FleetSample[][]> {
  await using instances = await startFleet(Math.max(...SIZES), {
    CLICK_FLUSHER_INTERVAL: String(FLUSH_INTERVAL_SECONDS),
  })
  progress('fleet: warming up')
  for (const url of instances.urls)
    await openLoop(url, { ratePerSecond: 2000, seconds: isQuick ? 1 : 2, banners: BANNERS })
  const subjects = SIZES.map(size => ({ size, name: `${size} of ${instances.urls.length} instances` }))
  // Awaited here: otherwise the instances would end first.
  return await pairedRounds('fleet', subjects, run.rounds, ({ size }) =>
    measureSize(instances, size, run.seconds),
  )
}

async function measureSize(instances: Fleet, size: number, seconds: number): Promise<FleetSample> {
  const urls = instances.urls.slice(0, size)
  const even = await audited(instances, 0, async () => {
    const beganMs = Date.now()
    const { result, windows } = await flushesOfAll(urls, () =>
      openLoop(urls, { ratePerSecond: RATE_PER_SECOND, seconds, banners: BANNERS, connections: CONNECTIONS }),
    )
    const flushes = windows.filter(({ startMs, rows }) => startMs > beganMs && rows > 0)
    const durations = flushes.map(({ startMs, endMs }) => endMs - startMs)
    const rows = flushes.map(each => each.rows)
    return {
      acknowledged: result.acknowledged,
      failed: result.failed,
      flushMs: median(durations),
      rows: median(rows),
      rowsPerSecond: (1000 * sum(rows)) / sum(durations),
      p99Ms: quantile(result.latencyMs, 0.99),
    }
  })
  const saturated = await audited(instances, CONNECTIONS, async () => {
    const connections = CONNECTIONS / size
    const load = { seconds, connections, script: clicksOver(BANNERS) }
    const results = await Promise.all(urls.map(url => runWrk(url, load)))
    return {
      acknowledged: sum(results.map(({ succeeded }) => succeeded)),
      failed: sum(results.map(({ failed }) => failed)),
      clicksPerSecond: sum(results.map(({ perSecond }) => perSecond)),
    }
  })
  return {
    ...even,
    clicksPerSecond: saturated.clicksPerSecond,
    failed: even.failed + saturated.failed,
    lost: even.lost + saturated.lost,
    doubled: even.doubled + saturated.doubled,
  }
}

type Flushes = Awaited<ReturnType<typeof flushesDuring>>['windows']

async function flushesOfAll<Result>(
  [url, ...others]: readonly string[],
  act: () => Promise<Result>,
): Promise<{ result: Result; windows: Flushes }> {
  if (url === undefined) return { result: await act(), windows: [] }
  const { result, windows } = await flushesDuring(url, HEALTH_INTERVAL_MS, () => flushesOfAll(others, act))
  return { result: result.result, windows: [...windows, ...result.windows] }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}

/** `samples`: for each number of instances, those of its rounds. */
export function fleetTable(samples: readonly (readonly FleetSample[])[]): string {
  const of = (index: number, key: keyof FleetSample) => samples[index]!.map(sample => sample[key])
  const head = [
    ...['instances', 'flush ratio', 'throughput ratio', 'flush ms', 'rows a flush', 'rows/s of a flush'],
    ...['p99 ms', 'clicks/s saturated', ...ORACLE_FIGURES],
  ]
  const rows = samples.map((ofSize, index) => [
    SIZES[index]!,
    medianRatio(of(index, 'flushMs'), of(0, 'flushMs')).toFixed(2),
    medianRatio(of(index, 'clicksPerSecond'), of(0, 'clicksPerSecond')).toFixed(2),
    median(of(index, 'flushMs')).toFixed(1),
    median(of(index, 'rows')).toFixed(0),
    median(of(index, 'rowsPerSecond')).toFixed(0),
    median(of(index, 'p99Ms')).toFixed(2),
    median(of(index, 'clicksPerSecond')).toFixed(0),
    ...oracleTotals(ofSize),
  ])
  return markdownTable(head, rows)
}

function explanation({ rounds, seconds }: Run): string {
  return `![Milliseconds of a flush, by instances](results/fleet.svg)

One, two and three instances with one request thread each, on one Postgres, all on the same machine with their clients:
nothing is pinned, and more instances than cores only share them. ${rounds} rounds of twice ${seconds} s a row, a flush every ${FLUSH_INTERVAL_SECONDS} s. First ${RATE_PER_SECOND} clicks a
second, evenly, over ${BANNERS} banners that all instances have in common: the flushes, and the p99 of a click, which counts from
when it was due. Then saturated by one wrk for each instance, ${CONNECTIONS} connections in all. Medians. A ratio is the
median of each round's ratio to one instance. A flush takes as long as its transaction.
`
}
