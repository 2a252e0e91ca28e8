import { readFile } from 'node:fs/promises'
import { endService, type ServiceProcess, startServiceProcess } from '../test/support/process.ts'
import { saturate } from './saturate.ts'
import { progress, type Section } from './section.ts'
import { storedClicks } from './stored.ts'
import { markdownTable } from './table.ts'

/** Question: what does it cost to keep a click safe before it is answered? */

const MODES = ['off', 'write', 'fsync'] as const
const ROUNDS = 5
const SECONDS = 5
const QUICK_ROUNDS = 1
const QUICK_SECONDS = 2
/** Clock ticks a second that Linux counts processor time in. */
const TICKS_PER_SECOND = 100

type Mode = (typeof MODES)[number]

interface Sample {
  readonly perSecond: number
  /** User and system time of the whole service for each click. */
  readonly cpuUs: number
  readonly lostClicks: number
}

export async function measureJournal(isQuick: boolean): Promise<Section> {
  const rounds = isQuick ? QUICK_ROUNDS : ROUNDS
  const seconds = isQuick ? QUICK_SECONDS : SECONDS
  const samples: Record<Mode, Sample[]> = { off: [], write: [], fsync: [] }
  for (let round = 1; round <= rounds; round++)
    for (const mode of MODES) {
      progress(`journal ${round} of ${rounds}: ${mode}, ${seconds} s`)
      samples[mode].push(await measure(mode, seconds))
    }
  return {
    text: `${explanation(rounds, seconds)}\n${table(samples)}`,
    isSound: MODES.every(mode => samples[mode].every(sample => sample.lostClicks === 0)),
  }
}

async function measure(mode: Mode, seconds: number): Promise<Sample> {
  const service = await startServiceProcess({ JOURNAL_SYNC: mode, SERVER_THREADS: '1' })
  try {
    await saturate(service.url, 1)
    const storedBefore = await storedClicks(service)
    const cpuBefore = await cpuSeconds(service)
    const { acknowledged, elapsedSeconds } = await saturate(service.url, seconds)
    const cpu = (await cpuSeconds(service)) - cpuBefore
    const lostClicks = acknowledged - ((await storedClicks(service)) - storedBefore)
    return { perSecond: acknowledged / elapsedSeconds, cpuUs: (cpu * 1e6) / acknowledged, lostClicks }
  } finally {
    await endService(service)
  }
}

async function cpuSeconds({ child }: ServiceProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/stat`, 'utf8')
  // Behind the name, which may hold spaces: state is the first field, utime and stime the 12th and 13th.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function explanation(rounds: number, seconds: number): string {
  return `## Journal

One request thread, saturated by 64 connections from a client thread of its own; median of ${rounds} rounds of ${seconds} s, the
modes taking turns. The ratio is to \`off\`, in the same run.
`
}

function table(samples: Record<Mode, Sample[]>): string {
  const off = median(samples.off.map(sample => sample.perSecond))
  return markdownTable(
    ['JOURNAL_SYNC', 'clicks/s', 'ratio', 'CPU µs/click', 'survives', 'lost'],
    MODES.map(mode => {
      const perSecond = median(samples[mode].map(sample => sample.perSecond))
      return [
        mode,
        perSecond.toFixed(0),
        (perSecond / off).toFixed(2),
        median(samples[mode].map(sample => sample.cpuUs)).toFixed(1),
        { off: 'orderly stops', write: 'kill -9', fsync: 'power cuts' }[mode],
        samples[mode].reduce((sum, sample) => sum + sample.lostClicks, 0),
      ]
    }),
  )
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
