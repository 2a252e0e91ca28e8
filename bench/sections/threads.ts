import { openLoop } from '../load/open-loop.ts'
import { threadCpuSeconds } from '../machine/cpu.ts'
import { audited, isSound, ORACLE_FIGURES, type Oracle, oracleTotals } from '../measuring/audit.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import type { Totals } from '../measuring/server.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { median, medianRatio, quantile } from '../measuring/statistics.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import { ratioCells } from './ratio-cells.ts'
import type { BenchOptions, Section } from './section.ts'

/** What client and service need together must be well below the two cores: nobody may wait for a core. */
const CASES: readonly Case[] = [
  { ratePerSecond: 10_000, banners: 1 },
  { ratePerSecond: 20_000, banners: 1 },
  { ratePerSecond: 40_000, banners: 1 },
  { ratePerSecond: 40_000, banners: 1000 },
]
const ROUNDS = 5
const SECONDS = 2
const QUICK_ROUNDS = 1
const QUICK_SECONDS = 0.5
const WARM_UP_SECONDS = 2

interface Case {
  readonly ratePerSecond: number
  readonly banners: number
}

interface Subject extends Case {
  readonly name: string
  readonly services: readonly MeasuredService[]
}

interface Sample extends Oracle {
  readonly acknowledged: number
  readonly cpuUsPerClick: number
  /** The processor time of the request thread that had the most, as a part of all request threads'. */
  readonly busiestPart: number
  /** Cores that the client used, and the service without Postgres. */
  readonly clientCores: number
  readonly serviceCores: number
  readonly p50Ms: number
}

interface Row extends Case {
  readonly oneThread: readonly Sample[]
  readonly twoThreads: readonly Sample[]
  readonly twoProcesses: readonly Sample[]
}

export const threads: Section = {
  name: 'threads',
  title: 'Two threads',
  question: 'what does a click cost with two request threads, at the same rate?',
  needs: ['cc'],
  isByDefault: true,
  measure,
}

/** All services run at once, and those of one subject at a time are busy. */
async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const run = isQuick
    ? { rounds: QUICK_ROUNDS, seconds: QUICK_SECONDS }
    : { rounds: ROUNDS, seconds: SECONDS }
  const services: MeasuredService[] = []
  try {
    for (const threads of ['1', '2', '1'])
      services.push(await startMeasuredService({ SERVER_THREADS: threads }, { isPinned: false }))
    progress('threads: warming up')
    for (const { url } of services)
      await openLoop(url, { ratePerSecond: 20_000, seconds: WARM_UP_SECONDS, banners: 1000 })
    const [one, two, another] = services as [MeasuredService, MeasuredService, MeasuredService]
    const subjects = CASES.flatMap(each => [
      subject(each, 'one thread', [one]),
      subject(each, 'two threads', [two]),
      subject(each, 'two processes', [one, another]),
    ])
    const samples = await pairedRounds('threads', subjects, run.rounds, each => click(each, run.seconds))
    return resultOf(samples, run)
  } finally {
    for (const service of services) await service.end()
  }
}

function subject(each: Case, name: string, services: readonly MeasuredService[]): Subject {
  return { ...each, name: `${each.ratePerSecond}/s over ${each.banners} banners, ${name}`, services }
}

function click({ ratePerSecond, banners, services }: Subject, seconds: number): Promise<Sample> {
  return audited({ totals: () => totalsOf(services) }, 0, async () => {
    const cpuBefore = cpuSecondsOf(services)
    const threadsBefore = services.flatMap(requestThreadSeconds)
    const urls = services.map(({ url }) => url)
    const clicked = await openLoop(urls, { ratePerSecond, seconds, banners })
    const cpuSeconds = cpuSecondsOf(services) - cpuBefore
    const ofThreads = services
      .flatMap(requestThreadSeconds)
      .map((after, index) => after - threadsBefore[index]!)
    const { acknowledged, failed, clientCores, elapsedSeconds, latencyMs } = clicked
    return {
      acknowledged,
      failed,
      cpuUsPerClick: (cpuSeconds * 1e6) / acknowledged,
      busiestPart: Math.max(...ofThreads) / ofThreads.reduce((sum, one) => sum + one, 0),
      clientCores,
      serviceCores: cpuSeconds / elapsedSeconds,
      p50Ms: quantile(latencyMs, 0.5),
    }
  })
}

async function totalsOf(services: readonly MeasuredService[]): Promise<Totals> {
  const all = await Promise.all(services.map(service => service.totals()))
  return {
    accepted: all.reduce((sum, { accepted }) => sum + accepted, 0),
    stored: all.reduce((sum, { stored }) => sum + stored, 0),
  }
}

function cpuSecondsOf(services: readonly MeasuredService[]): number {
  return services.reduce((sum, service) => sum + service.cpuSeconds(), 0)
}

function requestThreadSeconds({ pid }: MeasuredService): number[] {
  return [...threadCpuSeconds(pid)]
    .filter(([name]) => name.startsWith('request '))
    .map(([, seconds]) => seconds)
}

/** `samples`: for each case, those of its three subjects. */
function resultOf(
  samples: readonly (readonly Sample[])[],
  { rounds, seconds }: { rounds: number; seconds: number },
): SectionResult {
  const rows = CASES.map((each, index) => ({
    ...each,
    oneThread: samples[3 * index]!,
    twoThreads: samples[3 * index + 1]!,
    twoProcesses: samples[3 * index + 2]!,
  }))
  return {
    text: `${threadsTable(rows)}
![CPU for each click](results/threads.svg)

The service with one request thread, with two, and two services of one thread each, at the same rate, in ${rounds} rounds of ${seconds} s
a row. The clicks come one by one, evenly, over 128 connections: the system spreads them over two threads, the client over
two services. Nothing is pinned. A ratio is that to one thread in the same round. Medians. CPU is that of the whole service
or services, without Postgres. Two services share nothing: what two threads cost more than they do is the price of the memory
and the journal that threads share. *Busier* is the busier thread's part of what both used.
`,
    raw: rows,
    charts: {
      'threads.svg': barChart(
        'CPU for a click, two threads ÷ one',
        rows.map(({ ratePerSecond, banners, oneThread, twoThreads }) => ({
          label: `${ratePerSecond}/s, ${banners} banners`,
          value: medianRatio(cpuOf(twoThreads), cpuOf(oneThread)),
        })),
      ),
    },
    isSound: isSound(samples.flat()),
  }
}

export function threadsTable(rows: readonly Row[]): string {
  return markdownTable(
    [
      'clicks/s',
      'banners',
      'subject',
      'CPU ratio',
      'from … to',
      'CPU µs/click',
      'busier',
      'service cores',
      'client cores',
      'p50 ms',
      ...ORACLE_FIGURES,
    ],
    rows.flatMap(({ ratePerSecond, banners, oneThread, twoThreads, twoProcesses }) => {
      const cells = (name: string, samples: readonly Sample[]) => {
        const of = (figure: keyof Sample) => median(samples.map(sample => sample[figure]))
        return [
          ratePerSecond,
          banners,
          name,
          ...ratioCells(cpuOf(samples), cpuOf(oneThread)),
          of('cpuUsPerClick').toFixed(1),
          `${(100 * of('busiestPart')).toFixed(0)} %`,
          of('serviceCores').toFixed(2),
          of('clientCores').toFixed(2),
          of('p50Ms').toFixed(3),
          ...oracleTotals(samples),
        ]
      }
      return [
        cells('one thread', oneThread),
        cells('two threads', twoThreads),
        cells('two processes', twoProcesses),
      ]
    }),
  )
}

function cpuOf(samples: readonly Sample[]): number[] {
  return samples.map(({ cpuUsPerClick }) => cpuUsPerClick)
}
