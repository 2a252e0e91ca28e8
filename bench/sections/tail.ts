import { type OpenLoopResult, openLoop } from '../load/open-loop.ts'
import { audited, isSound, ORACLE_FIGURES, type Oracle, oracleTotals } from '../measuring/audit.ts'
import { clicksApart, flushesDuring } from '../measuring/flush-windows.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import type { Server } from '../measuring/server.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { median, quantile } from '../measuring/statistics.ts'
import { floor, nginx } from '../peers/servers.ts'
import { barChart } from '../report/bar-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const RATE_PER_SECOND = 5000
const CONNECTIONS = 50
const FEW_BANNERS = 100
const FLUSH_INTERVAL_SECONDS = 2
/** Each click between two flushes is for another banner: so many slots a flush. */
const MANY_BANNERS = RATE_PER_SECOND * FLUSH_INTERVAL_SECONDS
/** Often enough to see each flush, and seldom enough not to be seen itself. */
const HEALTH_INTERVAL_MS = 1000
const WARM_UP_SECONDS = 10

interface Waits {
  readonly averageMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
  /** Of the part until the client sent the click. */
  readonly sentAfterP999Ms: number
  /** Of the part from then on. */
  readonly servedP999Ms: number
}

export interface TailSample extends Waits, Oracle {
  readonly acknowledged: number
  readonly flushes: Flushes | null
}

/** Of clicks that were under way while a flush of many slots ran. */
interface Flushes extends Waits {
  readonly count: number
  readonly slots: number
  readonly clicks: number
}

interface Subject {
  readonly name: string
  measure(seconds: number): Promise<TailSample>
}

export const tail: Section = {
  name: 'tail',
  title: 'Tail',
  question: 'how long do the slowest clicks take, and how much of it is the machine?',
  needs: ['cc', 'nginx'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const rounds = isQuick ? 1 : 3
  const seconds = isQuick ? 5 : 30
  await using servers = new AsyncDisposableStack()
  const peers = []
  for (const { name, start } of [floor, nginx]) {
    const server = servers.adopt(await start(false), each => each.end())
    peers.push({ name, measure: (seconds: number) => measureBanners(server, FEW_BANNERS, seconds) })
  }
  const settings = { CLICK_FLUSHER_INTERVAL: String(FLUSH_INTERVAL_SECONDS) }
  const service = servers.adopt(await startMeasuredService(settings, { isPinned: false }), each => each.end())
  const subjects: Subject[] = [
    ...peers,
    { name: 'here', measure: seconds => measureBanners(service, FEW_BANNERS, seconds) },
    { name: `here, ${MANY_BANNERS} banners`, measure: seconds => measureFlushes(service, seconds) },
  ]
  for (const { name, measure } of subjects) {
    progress(`tail: warming up ${name}`)
    await measure(isQuick ? 1 : WARM_UP_SECONDS)
  }
  const samples = await pairedRounds('tail', subjects, rounds, ({ measure }) => measure(seconds))
  return resultOf(
    subjects.map(({ name }, index) => ({ name, samples: samples[index]! })),
    { rounds, seconds },
  )
}

function measureBanners(server: Server, banners: number, seconds: number): Promise<TailSample> {
  return audited(server, 0, async () => sampleOf(await click(server, banners, seconds), null))
}

function measureFlushes(service: MeasuredService, seconds: number): Promise<TailSample> {
  return audited(service, 0, async () => {
    const { result, windows } = await flushesDuring(service.url, HEALTH_INTERVAL_MS, () =>
      click(service, MANY_BANNERS, seconds),
    )
    const large = windows.filter(({ rows }) => rows > MANY_BANNERS / 2)
    const during = clicksApart(result, large).during
    return sampleOf(result, {
      ...waitsOf(during),
      count: large.length,
      slots: median(large.map(({ rows }) => rows)),
      clicks: during.latencyMs.length,
    })
  })
}

function click({ url }: Server, banners: number, seconds: number): Promise<OpenLoopResult> {
  return openLoop(url, { ratePerSecond: RATE_PER_SECOND, seconds, banners, connections: CONNECTIONS })
}

function sampleOf(result: OpenLoopResult, flushes: Flushes | null) {
  const { acknowledged, failed } = result
  return { ...waitsOf(result), acknowledged, failed, flushes }
}

function waitsOf({ latencyMs, sentAfterMs }: Pick<OpenLoopResult, 'latencyMs' | 'sentAfterMs'>): Waits {
  return {
    averageMs: latencyMs.reduce((sum, ms) => sum + ms, 0) / latencyMs.length,
    p50Ms: quantile(latencyMs, 0.5),
    p99Ms: quantile(latencyMs, 0.99),
    p999Ms: quantile(latencyMs, 0.999),
    maxMs: quantile(latencyMs, 1),
    sentAfterP999Ms: quantile(sentAfterMs, 0.999),
    servedP999Ms: quantile(
      latencyMs.map((ms, click) => ms - sentAfterMs[click]!),
      0.999,
    ),
  }
}

interface Contender {
  readonly name: string
  /** One of each round. */
  readonly samples: readonly TailSample[]
}

function resultOf(
  contenders: readonly Contender[],
  { rounds, seconds }: { rounds: number; seconds: number },
): SectionResult {
  return {
    text: `${tailTable(contenders)}
![p99.9 of a click's wait](results/tail.svg)

${RATE_PER_SECOND} clicks a second that fall due one by one, over ${CONNECTIONS} connections, for ${seconds} s in ${rounds} rounds. Server, Postgres and client share
all cores; nothing is pinned. A click's wait counts from when it was due. Milliseconds, medians of the rounds. *Until
sent* is the client's own part: the system woke it so late. *Once sent* is the server's, and what the system takes to wake
both. *The floor* is [a loop in C](peers/floor.c) that keeps nothing: what it has of the tail is the machine's and the client's. With ${MANY_BANNERS} banners, each flush has so many slots; one begins every
${FLUSH_INTERVAL_SECONDS} s. What is aimed at: a p99.9 of at most 3 ms, while such a flush runs as well.
`,
    raw: contenders,
    charts: {
      'tail.svg': barChart(
        "p99.9 of a click's wait, ms",
        rowsOf(contenders).map(({ name, waits }) => ({
          label: name,
          value: median(waits.map(({ p999Ms }) => p999Ms)),
        })),
      ),
    },
    isSound: isSound(contenders.flatMap(({ samples }) => samples)),
  }
}

/** A row for each contender, and one for its clicks while a flush ran. */
export function tailTable(contenders: readonly Contender[]): string {
  const rows = rowsOf(contenders).map(({ name, waits, samples }) => {
    const of = (key: keyof Waits) => median(waits.map(each => each[key])).toFixed(2)
    const p999Ms = waits.map(each => each.p999Ms)
    return [
      name,
      of('averageMs'),
      of('p50Ms'),
      of('p99Ms'),
      of('p999Ms'),
      `${Math.min(...p999Ms).toFixed(1)} to ${Math.max(...p999Ms).toFixed(1)}`,
      of('maxMs'),
      of('sentAfterP999Ms'),
      of('servedP999Ms'),
      ...(samples === null ? ORACLE_FIGURES.map(() => '') : oracleTotals(samples)),
    ]
  })
  const parts = ['p99.9 until sent', 'p99.9 once sent']
  const head = ['server', 'average', 'p50', 'p99', 'p99.9', 'in the rounds', 'most', ...parts]
  return markdownTable([...head, ...ORACLE_FIGURES], rows)
}

interface Row {
  readonly name: string
  readonly waits: readonly Waits[]
  /** null: the row is a part of the one above. */
  readonly samples: readonly TailSample[] | null
}

function rowsOf(contenders: readonly Contender[]): Row[] {
  return contenders.flatMap(({ name, samples }): Row[] => {
    const flushes = samples.flatMap(sample => sample.flushes ?? [])
    const row = { name, waits: samples, samples }
    return flushes.length === 0 ? [row] : [row, { name: flushesName(flushes), waits: flushes, samples: null }]
  })
}

function flushesName(flushes: readonly Flushes[]): string {
  const slots = median(flushes.map(each => each.slots))
  return `… in a flush of ${slots}`
}
