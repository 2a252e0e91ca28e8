import { isSound, ORACLE_FIGURES, oracleTotals } from '../measuring/audit.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { figures, type SaturatedSample, saturate } from '../measuring/saturate.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { medianRatio } from '../measuring/statistics.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const MODES = [
  { sync: 'write', survives: 'kill -9' },
  { sync: 'fsync', survives: 'power cuts' },
] as const
const ROUNDS = 15
const QUICK_ROUNDS = 2
/** Short, so that what else the machine does falls on both modes alike. */
const SECONDS = 2

export const journal: Section = {
  name: 'journal',
  title: 'Journal',
  question: 'what does it cost to keep a click safe before it is answered?',
  needs: ['wrk'],
  isByDefault: true,
  measure,
}

/** Both services run at once, one of them idle. */
async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const rounds = isQuick ? QUICK_ROUNDS : ROUNDS
  const subjects: { name: string; service: MeasuredService }[] = []
  try {
    for (const { sync } of MODES)
      subjects.push({
        name: sync,
        service: await startMeasuredService({ JOURNAL_SYNC: sync }, { isPinned: false }),
      })
    progress('journal: warming up')
    for (const { service } of subjects) await click(service)
    return resultOf(await pairedRounds('journal', subjects, rounds, ({ service }) => click(service)), rounds)
  } finally {
    for (const { service } of subjects) await service.end()
  }
}

function click(service: MeasuredService): Promise<SaturatedSample> {
  return saturate(service, { path: '/counter/1', seconds: SECONDS })
}

/** `samples`: for each mode, one a round. */
function resultOf(samples: readonly (readonly SaturatedSample[])[], rounds: number): SectionResult {
  const base = figures(samples[0]!).of('clicksPerSecond')
  const head = ['JOURNAL_SYNC', 'ratio', 'clicks/s', 'CPU µs/click', 'survives', ...ORACLE_FIGURES]
  const rows = MODES.map(({ sync, survives }, index) => {
    const { of, median } = figures(samples[index]!)
    return [
      sync,
      medianRatio(of('clicksPerSecond'), base).toFixed(2),
      median('clicksPerSecond').toFixed(0),
      median('cpuUsPerClick').toFixed(1),
      survives,
      ...oracleTotals(samples[index]!),
    ]
  })
  return {
    text: `${markdownTable(head, rows)}
![CPU for each click](results/journal.svg)

One request thread, saturated by \`wrk -t1 -c64\`, in ${rounds} rounds in which the modes alternate every ${SECONDS} s. Medians.
The ratio is the median of each round's ratio to \`write\`. The service is not pinned to a core.
`,
    raw: MODES.map(({ sync }, index) => ({ mode: sync, samples: samples[index] })),
    charts: {
      'journal.svg': barChart(
        'CPU µs for each click',
        MODES.map(({ sync }, index) => ({
          label: `JOURNAL_SYNC=${sync}`,
          value: figures(samples[index]!).median('cpuUsPerClick'),
        })),
      ),
    },
    isSound: isSound(samples.flat()),
  }
}
