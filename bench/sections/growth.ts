import { clicksOver } from '../load/wrk.ts'
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

const WARM_UP_SECONDS = 2

interface Case {
  readonly banners: number
  readonly threads: 1 | 2
  readonly sync: 'write' | 'fsync'
}

/** Each case is compared with the first. */
const CASES: readonly Case[] = [
  ...[1, 100, 10_000, 100_000].map(banners => ({ banners, threads: 1, sync: 'write' }) as const),
  ...[1, 100_000].map(banners => ({ banners, threads: 2, sync: 'write' }) as const),
  ...[1, 100_000].map(banners => ({ banners, threads: 1, sync: 'fsync' }) as const),
]

interface Subject extends Case {
  readonly name: string
  readonly service: MeasuredService
}

export const growth: Section = {
  name: 'growth',
  title: 'Growth',
  question: 'what do many banners, more threads and a safer journal cost?',
  needs: ['wrk'],
  isByDefault: true,
  measure,
}

/**
 * One service for each number of threads and each mode of the journal. All run at once,
 * and one at a time is busy.
 */
async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const { rounds, seconds } = saturation(isQuick)
  const services = new Map<string, MeasuredService>()
  try {
    for (const { threads, sync } of CASES)
      if (!services.has(`${threads} ${sync}`)) services.set(`${threads} ${sync}`, await start(threads, sync))
    const subjects = CASES.map(each => ({
      ...each,
      name: `${each.banners} banners, ${each.threads} threads, journal ${each.sync}`,
      service: services.get(`${each.threads} ${each.sync}`)!,
    }))
    progress('growth: warming up')
    for (const service of services.values())
      await click(service, { banners: 100, seconds: isQuick ? 1 : WARM_UP_SECONDS })
    const samples = await pairedRounds('growth', subjects, rounds, ({ service, banners }) =>
      click(service, { banners, seconds }),
    )
    return resultOf(subjects, samples, { rounds, seconds })
  } finally {
    for (const service of services.values()) await service.end()
  }
}

/**
 * Two threads on one core would only alternate. So they are not pinned, and share all cores with the client.
 */
function start(threads: number, sync: string): Promise<MeasuredService> {
  return startMeasuredService(
    { SERVER_THREADS: String(threads), JOURNAL_SYNC: sync },
    { isPinned: threads === 1 },
  )
}

function click(
  service: MeasuredService,
  { banners, seconds }: { banners: number; seconds: number },
): Promise<SaturatedSample> {
  return saturate(service, { path: '/', seconds, script: clicksOver(banners) })
}

function resultOf(
  subjects: readonly Subject[],
  samples: readonly (readonly SaturatedSample[])[],
  { rounds, seconds }: { rounds: number; seconds: number },
): SectionResult {
  const base = figures(samples[0]!)
  const rows = subjects.map(({ banners, threads, sync }, index) => {
    const { of, median } = figures(samples[index]!)
    return [
      banners,
      threads,
      sync,
      medianRatio(of('cpuUsPerClick'), base.of('cpuUsPerClick')).toFixed(2),
      medianRatio(of('clicksPerSecond'), base.of('clicksPerSecond')).toFixed(2),
      median('cpuUsPerClick').toFixed(1),
      median('databaseCpuUsPerClick').toFixed(2),
      median('clicksPerSecond').toFixed(0),
      median('p99Ms').toFixed(2),
      ...oracleTotals(samples[index]!),
    ]
  })
  const head = [
    'banners',
    'threads',
    'journal',
    'CPU ratio',
    'throughput ratio',
    'CPU µs/click',
    'Postgres µs/click',
    'clicks/s',
    'p99 ms',
    ...ORACLE_FIGURES,
  ]
  return {
    text: `${markdownTable(head, rows)}
![CPU for each click](results/growth.svg)

Saturated by \`wrk -t1 -c64\` that clicks banner after banner, in ${rounds} rounds of ${seconds} s a row. ${placement}
With two threads nothing is pinned, and the client takes its share of the same cores. Medians. A ratio is the median of each
round's ratio to the first row. CPU is that of the service with its flush worker, without Postgres.
`,
    raw: subjects.map(({ name }, index) => ({ name, samples: samples[index] })),
    charts: {
      'growth.svg': barChart(
        'CPU µs for each click',
        subjects.map(({ name }, index) => ({
          label: name,
          value: figures(samples[index]!).median('cpuUsPerClick'),
        })),
      ),
    },
    isSound: isSound(samples.flat()),
  }
}
