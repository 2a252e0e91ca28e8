import { openLoop } from '../load/open-loop.ts'
import { threadCpuSeconds } from '../machine/cpu.ts'
import { audited, isSound, ORACLE_FIGURES, type Oracle, oracleTotals } from '../measuring/audit.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { median, medianRatio, quantile } from '../measuring/statistics.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import { ratioCells } from './ratio-cells.ts'
import type { BenchOptions, Section } from './section.ts'

/** What all of them together need must be well below the two cores: nobody may wait for a core. */
const RATES_PER_SECOND = [10_000, 20_000, 40_000]
const BANNERS = [1, 1000]
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
  readonly threads: number
  readonly service: MeasuredService
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

interface Pair extends Case {
  readonly one: Figures
  readonly two: Figures
}

type Figures = ReturnType<typeof figuresOf>

export const threads: Section = {
  name: 'threads',
  title: 'Two threads',
  question: 'what does a click cost with two request threads, at the same rate?',
  needs: ['cc'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const rounds = isQuick ? QUICK_ROUNDS : ROUNDS
  const seconds = isQuick ? QUICK_SECONDS : SECONDS
  const services: MeasuredService[] = []
  try {
    for (const count of ['1', '2'])
      services.push(await startMeasuredService({ SERVER_THREADS: count }, { isPinned: false }))
    progress('threads: warming up')
    for (const service of services)
      await openLoop(service.url, { ratePerSecond: 20_000, seconds: WARM_UP_SECONDS, banners: 1000 })
    const cases = RATES_PER_SECOND.flatMap(ratePerSecond =>
      BANNERS.map(banners => ({ ratePerSecond, banners })),
    )
    const subjects = cases.flatMap(each =>
      services.map((service, index) => subject(each, index + 1, service)),
    )
    const samples = await pairedRounds('threads', subjects, rounds, each => click(each, seconds))
    return resultOf(cases, samples, { rounds, seconds })
  } finally {
    for (const service of services) await service.end()
  }
}

function subject(each: Case, threads: number, service: MeasuredService): Subject {
  const name = `${each.ratePerSecond}/s over ${each.banners} banners, ${threads} threads`
  return { ...each, name, threads, service }
}

function click({ ratePerSecond, banners, service }: Subject, seconds: number): Promise<Sample> {
  return audited(service, 0, async () => {
    const cpuBefore = service.cpuSeconds()
    const threadsBefore = requestThreadSeconds(service.pid)
    const clicked = await openLoop(service.url, { ratePerSecond, seconds, banners })
    const cpuSeconds = service.cpuSeconds() - cpuBefore
    const ofThreads = requestThreadSeconds(service.pid).map((after, index) => after - threadsBefore[index]!)
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

function requestThreadSeconds(pid: number): number[] {
  return [...threadCpuSeconds(pid)]
    .filter(([name]) => name.startsWith('request '))
    .map(([, seconds]) => seconds)
}

/** `samples`: for each case, those with one thread and then those with two. */
function resultOf(
  cases: readonly Case[],
  samples: readonly (readonly Sample[])[],
  { rounds, seconds }: { rounds: number; seconds: number },
): SectionResult {
  const pairs = cases.map((each, index) => ({
    ...each,
    one: figuresOf(samples[2 * index]!),
    two: figuresOf(samples[2 * index + 1]!),
  }))
  return {
    text: `${table(pairs)}
![CPU for each click](results/threads.svg)

The service with one request thread and with two, at the same rate, in ${rounds} rounds of ${seconds} s a row. The clicks come one by one,
evenly, over 128 connections, which the system spreads over the threads. Nothing is pinned. A ratio is that of two threads
to one in the same round. Medians. CPU is that of the whole service, without Postgres. *Busier thread* is its part of what
both request threads used.
`,
    raw: pairs.map(({ one, two, ...each }) => ({ ...each, oneThread: one.samples, twoThreads: two.samples })),
    charts: {
      'threads.svg': barChart(
        'CPU for a click, two threads ÷ one',
        pairs.map(({ ratePerSecond, banners, one, two }) => ({
          label: `${ratePerSecond}/s, ${banners} banners`,
          value: medianRatio(two.of('cpuUsPerClick'), one.of('cpuUsPerClick')),
        })),
      ),
    },
    isSound: isSound(samples.flat()),
  }
}

function table(pairs: readonly Pair[]): string {
  return markdownTable(
    [
      'clicks/s',
      'banners',
      'CPU ratio',
      'from … to',
      'CPU µs/click, 1 thread',
      '2 threads',
      'busier thread',
      'service cores, 1 thread',
      '2 threads',
      'client cores, 1 thread',
      '2 threads',
      'p50 ms, 1 thread',
      '2 threads',
      ...ORACLE_FIGURES,
    ],
    pairs.map(({ ratePerSecond, banners, one, two }) => [
      ratePerSecond,
      banners,
      ...ratioCells(two.of('cpuUsPerClick'), one.of('cpuUsPerClick')),
      ...[one, two].map(side => side.median('cpuUsPerClick').toFixed(1)),
      `${(100 * two.median('busiestPart')).toFixed(0)} %`,
      ...[one, two].map(side => side.median('serviceCores').toFixed(2)),
      ...[one, two].map(side => side.median('clientCores').toFixed(2)),
      ...[one, two].map(side => side.median('p50Ms').toFixed(3)),
      ...oracleTotals([...one.samples, ...two.samples]),
    ]),
  )
}

function figuresOf(samples: readonly Sample[]) {
  const of = (figure: keyof Sample) => samples.map(sample => sample[figure])
  return { samples, of, median: (figure: keyof Sample) => median(of(figure)) }
}
