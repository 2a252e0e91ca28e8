import { pace } from '../load/open-loop.ts'
import { readHealth } from '../measuring/health.ts'
import { audited } from '../measuring/server.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { quantile, slope } from '../measuring/statistics.ts'
import { lineChart } from '../report/line-chart.ts'
import { markdownTable } from '../report/table.ts'
import { type BenchOptions, progress, type Section } from './section.ts'

/** Question: does memory grow, or latency, when it goes on and on? */

const BANNERS = 100_000
const RATE_PER_SECOND = 20_000
const SAMPLE_SECONDS = 10
const MINUTES = 2
const QUICK = { ratePerSecond: 2000, sampleSeconds: 2, samples: 4 }
const MEBIBYTE = 2 ** 20
/** The first of them are growth of another kind: buffers and the compiled code find their sizes. */
const SETTLING_PART = 0.2
/** The last clicks of a sample are answered after it: a rate is held when it is this much of what was asked for. */
const HELD = 0.99

interface Sample {
  readonly minute: number
  readonly rssMiB: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly clicksPerSecond: number
}

export async function measureSoak({ isQuick, minutes }: BenchOptions): Promise<Section> {
  const full = {
    ratePerSecond: RATE_PER_SECOND,
    sampleSeconds: SAMPLE_SECONDS,
    samples: Math.max(2, Math.round(((minutes ?? MINUTES) * 60) / SAMPLE_SECONDS)),
  }
  const run = isQuick ? QUICK : full
  const service = await startMeasuredService()
  try {
    const { samples, ...oracle } = await audited(service, 0, () => soak(service, run))
    return sectionOf(samples, run, oracle)
  } finally {
    await service.end()
  }
}

/** One paced run after the other, each on connections of its own: those come and go, too. */
async function soak(service: MeasuredService, run: typeof QUICK) {
  const { ratePerSecond, sampleSeconds } = run
  const samples: Sample[] = []
  const startedAt = performance.now()
  let acknowledged = 0
  for (let number = 1; number <= run.samples; number++) {
    const paced = await pace(service.url, { ratePerSecond, seconds: sampleSeconds, banners: BANNERS })
    acknowledged += paced.acknowledged
    const { rssBytes } = (await readHealth(service.url)).memory
    samples.push({
      minute: (performance.now() - startedAt) / 60_000,
      rssMiB: rssBytes / MEBIBYTE,
      p50Ms: quantile(paced.latencyMs, 0.5),
      p99Ms: quantile(paced.latencyMs, 0.99),
      clicksPerSecond: paced.acknowledged / paced.elapsedSeconds,
    })
    const { rssMiB, p99Ms } = samples.at(-1)!
    progress(`soak ${number} of ${run.samples}: RSS ${rssMiB.toFixed(1)} MiB, p99 ${p99Ms.toFixed(2)} ms`)
  }
  return { samples, acknowledged }
}

function sectionOf(
  samples: readonly Sample[],
  { ratePerSecond, sampleSeconds }: typeof QUICK,
  oracle: { readonly lost: number; readonly doubled: number },
): Section {
  const settled = samples.slice(Math.floor(samples.length * SETTLING_PART))
  const rssSlope = slope(settled.map(({ minute, rssMiB }) => [minute, rssMiB]))
  const p99Slope = slope(settled.map(({ minute, p99Ms }) => [minute, p99Ms]))
  const [first, last] = [settled[0]!, settled.at(-1)!]
  const slowest = Math.min(...samples.map(({ clicksPerSecond }) => clicksPerSecond))
  const pace =
    slowest >= HELD * ratePerSecond ? 'held' : `**not held**: ${slowest.toFixed(0)} a second at the slowest`
  const row = (name: string, digits: number, key: 'rssMiB' | 'p50Ms' | 'p99Ms' | 'clicksPerSecond') => [
    name,
    (last[key] / first[key]).toFixed(2),
    first[key].toFixed(digits),
    last[key].toFixed(digits),
    Math.max(...samples.map(sample => sample[key])).toFixed(digits),
  ]
  return {
    text: `RSS grows by **${rssSlope.toFixed(2)} MiB a minute**, the p99 by ${p99Slope.toFixed(3)} ms a minute; the rate was ${pace}.
Lost ${oracle.lost}, doubled ${oracle.doubled}.

${markdownTable(
  ['', 'last/first', 'first', 'last', 'most'],
  [
    row('RSS MiB', 1, 'rssMiB'),
    row('p50 ms', 2, 'p50Ms'),
    row('p99 ms', 2, 'p99Ms'),
    row('clicks/s', 0, 'clicksPerSecond'),
  ],
)}
![RSS over time](results/soak-rss.svg)
![p99 over time](results/soak-p99.svg)

${ratePerSecond} clicks a second, evenly, over ${BANNERS} banners for ${last.minute.toFixed(1)} minutes, a sample every ${sampleSeconds} s. RSS is that of the
service's process, one request thread, without Postgres. The slopes are lines of least squares through all samples but the
first ${100 * SETTLING_PART} per cent, *first* is the first after those.
`,
    raw: { ratePerSecond, sampleSeconds, samples, ...oracle },
    charts: {
      'soak-rss.svg': lineChart('Memory of the service', 'minutes', 'MiB', [
        { name: 'RSS', points: samples.map(({ minute, rssMiB }) => [minute, rssMiB]) },
      ]),
      'soak-p99.svg': lineChart('What a click waits', 'minutes', 'ms', [
        { name: 'p99', points: samples.map(({ minute, p99Ms }) => [minute, p99Ms]) },
        { name: 'p50', points: samples.map(({ minute, p50Ms }) => [minute, p50Ms]) },
      ]),
    },
    isSound: oracle.lost === 0 && oracle.doubled === 0,
  }
}
