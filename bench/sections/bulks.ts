import { bulksOf } from '../load/wrk.ts'
import { placement } from '../machine/cores.ts'
import { isSound, ORACLE_FIGURES, oracleTotals } from '../measuring/audit.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { figures, type SaturatedSample, saturate } from '../measuring/saturate.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { medianRatio } from '../measuring/statistics.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import { type BenchOptions, type Section, saturation } from './section.ts'

interface Subject {
  readonly size: number
  /** Each bulk has an Idempotency-Key of its own. */
  readonly isKeyed: boolean
  readonly name: string
}

const SUBJECTS: readonly Subject[] = [
  ...[1, 10, 100, 1000].map(size => ({ size, isKeyed: false, name: `${size}` })),
  { size: 1000, isKeyed: true, name: '1000, keyed' },
]
const WARM_UP_SECONDS = 2

export const bulks: Section = {
  name: 'bulks',
  title: 'Bulks',
  question: 'how many clicks a second does it take in bulks?',
  needs: ['wrk'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const { rounds, seconds } = saturation(isQuick)
  const service = await startMeasuredService()
  try {
    progress('bulks: warming up')
    for (const subject of SUBJECTS) await clickInBulks(service, subject, isQuick ? 1 : WARM_UP_SECONDS)
    const samples = await pairedRounds('bulks', SUBJECTS, rounds, subject =>
      clickInBulks(service, subject, seconds),
    )
    return resultOf(samples, { rounds, seconds })
  } finally {
    await service.end()
  }
}

function clickInBulks(
  service: MeasuredService,
  { size, isKeyed }: Subject,
  seconds: number,
): Promise<SaturatedSample> {
  const script = bulksOf(size, isKeyed)
  return saturate(service, { path: '/counter', seconds, script, clicksPerRequest: size })
}

function resultOf(
  samples: readonly (readonly SaturatedSample[])[],
  { rounds, seconds }: { rounds: number; seconds: number },
): SectionResult {
  const base = figures(samples[0]!).of('clicksPerSecond')
  const head = [
    'entries',
    'throughput ratio',
    'clicks/s',
    'requests/s',
    'CPU µs/click',
    'p99 ms',
    ...ORACLE_FIGURES,
  ]
  const rows = SUBJECTS.map(({ size, name }, index) => {
    const { of, median } = figures(samples[index]!)
    return [
      name,
      medianRatio(of('clicksPerSecond'), base).toFixed(2),
      median('clicksPerSecond').toFixed(0),
      (median('clicksPerSecond') / size).toFixed(0),
      median('cpuUsPerClick').toFixed(3),
      median('p99Ms').toFixed(2),
      ...oracleTotals(samples[index]!),
    ]
  })
  return {
    text: `${markdownTable(head, rows)}
![Clicks a second by size of the bulk](results/bulks.svg)

\`POST /counter\` with entries of one click each, every one for a banner of its own, journaled (\`write\`), saturated by
\`wrk -t1 -c64\`, in ${rounds} rounds of ${seconds} s a size. ${placement}
Medians. The ratio is the median of each round's ratio to bulks of one.

A keyed bulk of 1 000 takes ${keyedCost(samples)} times the processor time of one without a key, all threads of the service
together, and has ${keyedThroughput(samples)} times its throughput: medians of each round's ratio.
`,
    raw: SUBJECTS.map((subject, index) => ({ ...subject, samples: samples[index] })),
    charts: {
      'bulks.svg': barChart(
        'Clicks a second by size of the bulk',
        SUBJECTS.map(({ name }, index) => ({
          label: name,
          value: figures(samples[index]!).median('clicksPerSecond'),
        })),
      ),
    },
    isSound: isSound(samples.flat()),
  }
}

function keyedCost(samples: readonly (readonly SaturatedSample[])[]): string {
  return ratioOfKeyed(samples, 'cpuUsPerClick')
}

function keyedThroughput(samples: readonly (readonly SaturatedSample[])[]): string {
  return ratioOfKeyed(samples, 'clicksPerSecond')
}

/** To the subject before it: the same without a key. */
function ratioOfKeyed(
  samples: readonly (readonly SaturatedSample[])[],
  figure: 'cpuUsPerClick' | 'clicksPerSecond',
): string {
  const keyed = SUBJECTS.findIndex(({ isKeyed }) => isKeyed)
  const [of, base] = [keyed, keyed - 1].map(index => figures(samples[index]!).of(figure))
  return medianRatio(of!, base!).toFixed(2)
}
