import { endService, type ServiceProcess, startServiceProcess } from '../test/support/process.ts'
import { type DriveResult, drive } from './drive.ts'
import { progress, type Section } from './section.ts'
import { storedClicks } from './stored.ts'
import { markdownTable } from './table.ts'

/** Question: does the service keep up with a rate of clicks, how soon does it answer, is every answer true? */

const RATES_PER_SECOND = [100, 200, 300, 400, 500, 600, 1000, 2000, 5000]
const SECONDS = 20
const QUICK_SECONDS = 3

interface Row extends DriveResult {
  readonly ratePerSecond: number
  readonly lostClicks: number
}

export async function measureRates(isQuick: boolean): Promise<Section> {
  const seconds = isQuick ? QUICK_SECONDS : SECONDS
  const service = await startServiceProcess({})
  try {
    progress('rates: warming up')
    await drive(service.url, { ratePerSecond: 2000, seconds: 3 })
    const rows: Row[] = []
    for (const ratePerSecond of RATES_PER_SECOND) {
      progress(`rates ${rows.length + 1} of ${RATES_PER_SECOND.length}: ${ratePerSecond}/s for ${seconds} s`)
      rows.push(await measure(service, ratePerSecond, seconds))
    }
    return {
      text: `${explanation(seconds)}\n${table(rows)}`,
      isSound: rows.every(row => row.failed === 0 && row.lostClicks === 0),
    }
  } finally {
    await endService(service)
  }
}

async function measure(service: ServiceProcess, ratePerSecond: number, seconds: number): Promise<Row> {
  const before = await storedClicks(service)
  const result = await drive(service.url, { ratePerSecond, seconds })
  const after = await storedClicks(service)
  return { ...result, ratePerSecond, lostClicks: result.acknowledged - (after - before) }
}

function explanation(seconds: number): string {
  return `## Rates

${seconds} s a row of \`GET /counter/{id}\` over 100 banners, driven by autocannon. It sends the clicks of each second at
the second's start, one after the other on each connection, so the latency is that of a burst. It is corrected for
coordinated omission by autocannon's own rule (an answer that took t ms stands also for those that would have waited
1 ms less each), in microseconds instead of its whole milliseconds. *Lost* is what was acknowledged minus what Postgres
has afterwards.
`
}

function table(rows: readonly Row[]): string {
  return markdownTable(
    [
      'target/s',
      'actual/s',
      'success',
      'avg ms',
      'p50 ms',
      'p95 ms',
      'p99 ms',
      'connections',
      'requests',
      'failed',
      'lost',
    ],
    rows.map(({ latencyMs, ...row }) => [
      row.ratePerSecond,
      row.actualPerSecond.toFixed(1),
      `${((100 * row.acknowledged) / row.requests).toFixed(2)} %`,
      latencyMs.average.toFixed(3),
      latencyMs.p50.toFixed(3),
      latencyMs.p95.toFixed(3),
      latencyMs.p99.toFixed(3),
      row.connections,
      row.requests,
      row.failed,
      row.lostClicks,
    ]),
  )
}
