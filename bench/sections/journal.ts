import { saturate } from '../load/saturate.ts'
import { takeTurns } from '../measuring/rounds.ts'
import { audited } from '../measuring/server.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { median, medianRatio } from '../measuring/statistics.ts'
import { barChart } from '../report/bar-chart.ts'
import { markdownTable } from '../report/table.ts'
import { type BenchOptions, progress, type Section } from './section.ts'

/** Question: what does it cost to keep a click safe before it is answered? */

const MODES = ['write', 'fsync'] as const
const ROUNDS = 15
const QUICK_ROUNDS = 2
/** Short: what else the machine does then falls on all modes alike. */
const SECONDS = 2

interface Sample {
  readonly perSecond: number
  /** User and system time of the whole service for each click. */
  readonly cpuUs: number
  readonly lost: number
  readonly doubled: number
}

/** Both services run at once, all but one of them idle, and take turns of a few seconds. */
export async function measureJournal({ isQuick }: BenchOptions): Promise<Section> {
  const rounds = isQuick ? QUICK_ROUNDS : ROUNDS
  const modes: { name: string; service: MeasuredService }[] = []
  try {
    for (const mode of MODES)
      modes.push({
        name: mode,
        service: await startMeasuredService({ JOURNAL_SYNC: mode }, { isPinned: false }),
      })
    progress('journal: warming up')
    for (const { service } of modes) await saturate(service.url, SECONDS)
    const samples = await takeTurns('journal', modes, rounds, ({ service }) => measure(service))
    return {
      text: `${table(samples)}\n![CPU for each click](results/journal.svg)\n\n${explanation(rounds)}`,
      raw: MODES.map((mode, index) => ({ mode, samples: samples[index] })),
      charts: {
        'journal.svg': barChart(
          'CPU µs for each click',
          MODES.map((mode, index) => ({
            label: `JOURNAL_SYNC=${mode}`,
            value: median(samples[index]!.map(({ cpuUs }) => cpuUs)),
          })),
        ),
      },
      isSound: samples.flat().every(({ lost, doubled }) => lost === 0 && doubled === 0),
    }
  } finally {
    for (const { service } of modes) await service.end()
  }
}

function measure(service: MeasuredService): Promise<Sample> {
  return audited(service, 0, async () => {
    const cpuBefore = service.cpuSeconds()
    const { acknowledged, elapsedSeconds } = await saturate(service.url, SECONDS)
    const cpu = service.cpuSeconds() - cpuBefore
    return { acknowledged, perSecond: acknowledged / elapsedSeconds, cpuUs: (cpu * 1e6) / acknowledged }
  })
}

function explanation(rounds: number): string {
  return `One request thread, saturated by 64 connections from a client thread of its own, in ${rounds} rounds in which the modes take
turns of ${SECONDS} s. Medians; the ratio is the median of each round's ratio to \`write\`. Nothing is pinned to a core.
`
}

/** `samples`: of each mode, one a round. */
function table(samples: readonly (readonly Sample[])[]): string {
  const of = (index: number, key: keyof Sample) => samples[index]!.map(sample => sample[key])
  return markdownTable(
    ['JOURNAL_SYNC', 'ratio', 'clicks/s', 'CPU µs/click', 'survives', 'lost', 'doubled'],
    MODES.map((mode, index) => [
      mode,
      medianRatio(of(index, 'perSecond'), of(0, 'perSecond')).toFixed(2),
      median(of(index, 'perSecond')).toFixed(0),
      median(of(index, 'cpuUs')).toFixed(1),
      { write: 'kill -9', fsync: 'power cuts' }[mode],
      of(index, 'lost').reduce((sum, lost) => sum + lost),
      of(index, 'doubled').reduce((sum, doubled) => sum + doubled),
    ]),
  )
}
