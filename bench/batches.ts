import { barChart } from './bar-chart.ts'
import { placement } from './cores.ts'
import { takeTurns } from './rounds.ts'
import { type BenchOptions, progress, type Section } from './section.ts'
import { type MeasuredService, startMeasuredService } from './service.ts'
import { medianRatio } from './statistics.ts'
import { markdownTable } from './table.ts'
import { figures, isSound, saturatedTurn, type Turn } from './turn.ts'

/** Question: how many clicks a second come in by the batch? */

const SIZES = [1, 10, 100, 1000]
const WARM_UP_SECONDS = 2

export async function measureBatches({ isQuick }: BenchOptions): Promise<Section> {
  const rounds = isQuick ? 1 : 5
  const seconds = isQuick ? 1 : 3
  const service = await startMeasuredService()
  try {
    const subjects = SIZES.map(size => ({ size, name: `${size} entries` }))
    progress('batches: warming up')
    for (const { size } of subjects) await measure(service, size, isQuick ? 1 : WARM_UP_SECONDS)
    const samples = await takeTurns('batches', subjects, rounds, ({ size }) =>
      measure(service, size, seconds),
    )
    return sectionOf(samples, { rounds, seconds })
  } finally {
    await service.end()
  }
}

function measure(service: MeasuredService, size: number, seconds: number): Promise<Turn> {
  const script = { file: 'batch.lua', argument: size }
  return saturatedTurn(service, { path: '/counter', seconds, script, clicksPerRequest: size })
}

function sectionOf(
  samples: readonly (readonly Turn[])[],
  { rounds, seconds }: { rounds: number; seconds: number },
): Section {
  const base = figures(samples[0]!).of('clicksPerSecond')
  const head = [
    'entries',
    'throughput ratio',
    'clicks/s',
    'requests/s',
    'CPU µs/click',
    'p99 ms',
    'failed',
    'lost',
    'doubled',
  ]
  const rows = SIZES.map((size, index) => {
    const { of, median, total } = figures(samples[index]!)
    return [
      size,
      medianRatio(of('clicksPerSecond'), base).toFixed(2),
      median('clicksPerSecond').toFixed(0),
      (median('clicksPerSecond') / size).toFixed(0),
      median('cpuUsPerClick').toFixed(3),
      median('p99Ms').toFixed(2),
      total('failed'),
      total('lost'),
      total('doubled'),
    ]
  })
  return {
    text: `${markdownTable(head, rows)}
![Clicks a second by size of the batch](results/batches.svg)

\`POST /counter\` with as many entries of one click each, every one for a banner of its own, journaled (\`write\`), saturated
by \`wrk -t1 -c64\`, in ${rounds} rounds in which the sizes take turns of ${seconds} s. ${placement}
Medians; the ratio is the median of each round's ratio to batches of one.
`,
    raw: SIZES.map((size, index) => ({ size, turns: samples[index] })),
    charts: {
      'batches.svg': barChart(
        'Clicks a second by size of the batch',
        SIZES.map((size, index) => ({
          label: `${size}`,
          value: figures(samples[index]!).median('clicksPerSecond'),
        })),
      ),
    },
    isSound: isSound(samples.flat()),
  }
}
