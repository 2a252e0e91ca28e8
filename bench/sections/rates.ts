import { clickAtRate, type RateResult } from '../load/autocannon.ts'
import { audited, isSound } from '../measuring/audit.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { lineChart } from '../report/line-chart.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const RATES_PER_SECOND = [100, 200, 300, 400, 500, 600, 1000, 2000, 5000, 10_000, 20_000]
const SECONDS = 15
const QUICK_SECONDS = 1
/** A thread that uses this much of a core cannot do more. */
const FULL_CORE = 0.9

interface Row extends RateResult {
  readonly ratePerSecond: number
  /** Seconds of processor time of the service, without Postgres, in each second. */
  readonly serviceCores: number
  readonly lost: number
  readonly doubled: number
}

export const rates: Section = {
  name: 'rates',
  title: 'Rates',
  question: 'does it keep up, how soon does it answer, is every answer true?',
  needs: [],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const seconds = isQuick ? QUICK_SECONDS : SECONDS
  const service = await startMeasuredService({}, { isPinned: false })
  try {
    progress('rates: warming up')
    await clickAtRate(service.url, { ratePerSecond: 2000, seconds: 3 })
    const rows: Row[] = []
    for (const ratePerSecond of RATES_PER_SECOND) {
      progress(`rates ${rows.length + 1} of ${RATES_PER_SECOND.length}: ${ratePerSecond}/s for ${seconds} s`)
      rows.push(await measureRate(service, ratePerSecond, seconds))
    }
    return {
      text: `${table(rows)}\n![Latency by rate](results/rates.svg)\n\n${explanation(seconds)}`,
      raw: rows,
      charts: {
        'rates.svg': lineChart('Latency by rate', 'clicks a second', 'ms', [
          { name: 'p50', points: rows.map(row => [row.actualPerSecond, row.latencyMs.p50]) },
          { name: 'p99', points: rows.map(row => [row.actualPerSecond, row.latencyMs.p99]) },
        ]),
      },
      isSound: isSound(rows),
    }
  } finally {
    await service.end()
  }
}

function measureRate(service: MeasuredService, ratePerSecond: number, seconds: number): Promise<Row> {
  return audited(service, 0, async () => {
    const cpuBefore = service.cpuSeconds()
    const result = await clickAtRate(service.url, { ratePerSecond, seconds })
    const serviceCores = (service.cpuSeconds() - cpuBefore) / result.elapsedSeconds
    return { ...result, ratePerSecond, serviceCores }
  })
}

function explanation(seconds: number): string {
  return `${seconds} s a row of \`GET /counter/{id}\` over 100 banners to one request thread, driven by autocannon. It sends the clicks of each
second at the second's start, one after the other on each connection, so the latency is that of a burst. The latency is
corrected for coordinated omission by autocannon's own rule, in microseconds instead of its whole milliseconds: an answer
that took t ms counts also as answers that took 1 ms less each. CPU is in per cent of one core. *Held down by* names who used
a whole core when a rate was not held: the client with its one thread, or the service. With *a shared core*, neither did.
*Lost* and *doubled* compare what was acknowledged with what Postgres has afterwards.
`
}

function table(rows: readonly Row[]): string {
  return markdownTable(
    [
      'target/s',
      'ratio',
      'actual/s',
      'success',
      'avg ms',
      'p50 ms',
      'p95 ms',
      'p99 ms',
      'client CPU',
      'service CPU',
      'held down by',
      'connections',
      'requests',
      'failed',
      'lost',
      'doubled',
    ],
    rows.map(({ latencyMs, ...row }) => [
      row.ratePerSecond,
      (row.actualPerSecond / row.ratePerSecond).toFixed(2),
      row.actualPerSecond.toFixed(1),
      `${((100 * row.acknowledged) / row.requests).toFixed(2)} %`,
      latencyMs.average.toFixed(3),
      latencyMs.p50.toFixed(3),
      latencyMs.p95.toFixed(3),
      latencyMs.p99.toFixed(3),
      `${(100 * row.clientCores).toFixed(0)} %`,
      `${(100 * row.serviceCores).toFixed(0)} %`,
      limitOf(row),
      row.connections,
      row.requests,
      row.failed,
      row.lost,
      row.doubled,
    ]),
  )
}

/** Why a rate was not held; empty when it was. */
function limitOf(row: Omit<Row, 'latencyMs'>): string {
  if (row.actualPerSecond >= 0.99 * row.ratePerSecond) return ''
  if (row.clientCores >= FULL_CORE) return 'the client'
  return row.serviceCores >= FULL_CORE ? 'the service' : 'a shared core'
}
