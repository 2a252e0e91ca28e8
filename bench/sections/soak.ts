import { openLoop } from '../load/open-loop.ts'
import { audited, isSound, type Oracle } from '../measuring/audit.ts'
import { readHealth } from '../measuring/health.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { quantile, slope } from '../measuring/statistics.ts'
import { lineChart } from '../report/line-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const BANNERS = 100_000
const RATE_PER_SECOND = 20_000
const SAMPLE_SECONDS = 10
const MINUTES = 2
const QUICK = { ratePerSecond: 2000, sampleSeconds: 2, samples: 4 }
const MEBIBYTE = 2 ** 20
/**
 * Part of the samples that is left out at the start: buffers and compiled code are
 * still growing to their sizes.
 */
const SETTLING_PART = 0.2
/** A rate is held from this part of it on. The last clicks of a sample are answered after its end. */
const HELD = 0.99

interface Sample {
  readonly minute: number
  readonly rssMiB: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly clicksPerSecond: number
}

export const soak: Section = {
  name: 'soak',
  title: 'Soak',
  question: 'does memory grow, or latency, at 20 000 clicks a second? (2 minutes, or --minutes)',
  needs: ['cc'],
  isByDefault: false,
  measure,
}

async function measure({ isQuick, minutes }: BenchOptions): Promise<SectionResult> {
  const full = {
    ratePerSecond: RATE_PER_SECOND,
    sampleSeconds: SAMPLE_SECONDS,
    samples: Math.max(2, Math.round(((minutes ?? MINUTES) * 60) / SAMPLE_SECONDS)),
  }
  const run = isQuick ? QUICK : full
  const service = await startMeasuredService()
  try {
    const { samples, ...oracle } = await audited(service, 0, () => takeSamples(service, run))
    return resultOf(samples, run, oracle)
  } finally {
    await service.end()
  }
}

/** One open loop after the other, each on connections of its own, so that connections come and go, too. */
async function takeSamples(service: MeasuredService, run: typeof QUICK) {
  const { ratePerSecond, sampleSeconds } = run
  const samples: Sample[] = []
  const startedAtMs = performance.now()
  let acknowledged = 0
  let failed = 0
  for (let number = 1; number <= run.samples; number++) {
    const clicked = await openLoop(service.url, { ratePerSecond, seconds: sampleSeconds, banners: BANNERS })
    acknowledged += clicked.acknowledged
    failed += clicked.failed
    const { rssBytes } = (await readHealth(service.url)).memory
    samples.push({
      minute: (performance.now() - startedAtMs) / 60_000,
      rssMiB: rssBytes / MEBIBYTE,
      p50Ms: quantile(clicked.latencyMs, 0.5),
      p99Ms: quantile(clicked.latencyMs, 0.99),
      clicksPerSecond: clicked.acknowledged / clicked.elapsedSeconds,
    })
    const { rssMiB, p99Ms } = samples.at(-1)!
    progress(`soak ${number} of ${run.samples}: RSS ${rssMiB.toFixed(1)} MiB, p99 ${p99Ms.toFixed(2)} ms`)
  }
  return { samples, acknowledged, failed }
}

function resultOf(
  samples: readonly Sample[],
  { ratePerSecond, sampleSeconds }: typeof QUICK,
  oracle: Oracle,
): SectionResult {
  const settled = samples.slice(Math.floor(samples.length * SETTLING_PART))
  const rssSlope = slope(settled.map(({ minute, rssMiB }) => [minute, rssMiB]))
  const p99Slope = slope(settled.map(({ minute, p99Ms }) => [minute, p99Ms]))
  const [first, last] = [settled[0]!, settled.at(-1)!]
  const slowest = Math.min(...samples.map(({ clicksPerSecond }) => clicksPerSecond))
  const rate =
    slowest >= HELD * ratePerSecond ? 'held' : `**not held**: ${slowest.toFixed(0)} a second at the slowest`
  const row = (name: string, digits: number, key: 'rssMiB' | 'p50Ms' | 'p99Ms' | 'clicksPerSecond') => [
    name,
    (last[key] / first[key]).toFixed(2),
    first[key].toFixed(digits),
    last[key].toFixed(digits),
    Math.max(...samples.map(sample => sample[key])).toFixed(digits),
  ]
  return {
    text: `RSS grows by **${rssSlope.toFixed(2)} MiB a minute**, the p99 by ${p99Slope.toFixed(3)} ms a minute; the rate was ${rate}.
Failed ${oracle.failed}, lost ${oracle.lost}, doubled ${oracle.doubled}.

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
service's process with one request thread, without Postgres. The slopes are lines of least squares, without the first
${100 * SETTLING_PART} per cent of the samples. *First* is the first sample after those.
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
    isSound: isSound([oracle]),
  }
}
