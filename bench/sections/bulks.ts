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

const SIZES = [1, 10, 100, 1000]
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
    const subjects = SIZES.map(size => ({ size, name: `${size} entries` }))
    progress('bulks: warming up')
    for (const { size } of subjects) await clickInBulks(service, size, isQuick ? 1 : WARM_UP_SECONDS)
    const samples = await pairedRounds('bulks', subjects, rounds, ({ size }) =>
      clickInBulks(service, size, seconds),
    )
    return resultOf(samples, { rounds, seconds })
  } finally {
    await service.end()
  }
}

function clickInBulks(service: MeasuredService, size: number, seconds: number): Promise<SaturatedSample> {
  return saturate(service, { path: '/counter', seconds, script: bulksOf(size), clicksPerRequest: size })
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
  const rows = SIZES.map((size, index) => {
    const { of, median } = figures(samples[index]!)
    return [
      size,
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
`,
    raw: SIZES.map((size, index) => ({ size, samples: samples[index] })),
    charts: {
      'bulks.svg': barChart(
        'Clicks a second by size of the bulk',
        SIZES.map((size, index) => ({
          label: `${size}`,
          value: figures(samples[index]!).median('clicksPerSecond'),
        })),
      ),
    },
    isSound: isSound(samples.flat()),
  }
}
