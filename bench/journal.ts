import { readFile } from 'node:fs/promises'
import { endService, type ServiceProcess, startServiceProcess } from '../test/support/process.ts'
import { saturate } from './saturate.ts'
import { progress, type Section } from './section.ts'
import { storedClicks } from './stored.ts'
import { markdownTable } from './table.ts'

/** Question: what does it cost to keep a click safe before it is answered? */

const MODES = ['off', 'write', 'fsync'] as const
const ROUNDS = 15
const QUICK_ROUNDS = 2
/** Short: what else the machine does then falls on all modes alike. */
const SECONDS = 2
/** Clock ticks a second that Linux counts processor time in. */
const TICKS_PER_SECOND = 100

interface Sample {
  readonly perSecond: number
  /** User and system time of the whole service for each click. */
  readonly cpuUs: number
  readonly lostClicks: number
}

/** All three services run at once, all but one of them idle, and take turns of a few seconds. */
export async function measureJournal(isQuick: boolean): Promise<Section> {
  const rounds = isQuick ? QUICK_ROUNDS : ROUNDS
  const services = await Promise.all(
    MODES.map(mode => startServiceProcess({ JOURNAL_SYNC: mode, SERVER_THREADS: '1' })),
  )
  try {
    progress('journal: warming up')
    for (const service of services) await saturate(service.url, SECONDS)
    const samples: Sample[][] = []
    for (let round = 1; round <= rounds; round++) {
      progress(`journal ${round} of ${rounds}: ${MODES.join(', ')}, ${SECONDS} s each`)
      const row: Sample[] = []
      for (const service of services) row.push(await measure(service))
      samples.push(row)
    }
    return {
      text: `${explanation(rounds)}\n${table(samples)}`,
      isSound: samples.flat().every(sample => sample.lostClicks === 0),
    }
  } finally {
    for (const service of services) await endService(service)
  }
}

async function measure(service: ServiceProcess): Promise<Sample> {
  const storedBefore = await storedClicks(service)
  const cpuBefore = await cpuSeconds(service)
  const { acknowledged, elapsedSeconds } = await saturate(service.url, SECONDS)
  const cpu = (await cpuSeconds(service)) - cpuBefore
  const lostClicks = acknowledged - ((await storedClicks(service)) - storedBefore)
  return { perSecond: acknowledged / elapsedSeconds, cpuUs: (cpu * 1e6) / acknowledged, lostClicks }
}

async function cpuSeconds({ child }: ServiceProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/stat`, 'utf8')
  // Behind the name, which may hold spaces: state is the first field, utime and stime the 12th and 13th.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function explanation(rounds: number): string {
  return `## Journal

One request thread, saturated by 64 connections from a client thread of its own, in ${rounds} rounds in which the modes take
turns of ${SECONDS} s. Medians; the ratio is the median of each round's ratio to \`off\`.
`
}

/** `samples`: a row for each round, a sample for each mode. */
function table(samples: readonly (readonly Sample[])[]): string {
  return markdownTable(
    ['JOURNAL_SYNC', 'clicks/s', 'ratio', 'CPU µs/click', 'survives', 'lost'],
    MODES.map((mode, column) => {
      const ofMode = samples.map(row => row[column]!)
      return [
        mode,
        median(ofMode.map(sample => sample.perSecond)).toFixed(0),
        median(samples.map(row => row[column]!.perSecond / row[0]!.perSecond)).toFixed(2),
        median(ofMode.map(sample => sample.cpuUs)).toFixed(1),
        { off: 'orderly stops', write: 'kill -9', fsync: 'power cuts' }[mode],
        ofMode.reduce((sum, sample) => sum + sample.lostClicks, 0),
      ]
    }),
  )
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
