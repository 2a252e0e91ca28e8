import { writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { endService, type ServiceProcess, startServiceProcess } from '../test/support/process.ts'
import { type DriveResult, drive } from './drive.ts'
import { storedClicks } from './stored.ts'
import { markdownTable } from './table.ts'

/**
 * Question: does the service keep up with a rate of clicks, how soon does it answer, and is every answer true?
 * Entry of `npm run bench`.
 */

const RATES_PER_SECOND = [100, 200, 300, 400, 500, 600, 1000, 2000, 5000]
const SECONDS = 20
const QUICK_SECONDS = 3
const RESULTS = new URL('./RESULTS.md', import.meta.url)

const HELP = `Usage: npm run bench -- [--quick]

Starts the service with an empty embedded Postgres and sends clicks at ${RATES_PER_SECOND.join(', ')}
a second, ${SECONDS} s each (--quick: ${QUICK_SECONDS} s). Prints a table and writes it to bench/RESULTS.md.
Exits 1 when a click failed or was lost.
`

interface Row extends DriveResult {
  readonly ratePerSecond: number
  readonly lostClicks: number
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const seconds = values.quick ? QUICK_SECONDS : SECONDS
  const service = await startServiceProcess({})
  try {
    await drive(service.url, { ratePerSecond: 1000, seconds: 2 })
    const rows: Row[] = []
    for (const ratePerSecond of RATES_PER_SECOND) {
      progress(
        `${rows.length + 1} of ${RATES_PER_SECOND.length}: ${ratePerSecond} clicks a second for ${seconds} s`,
      )
      rows.push(await measure(service, ratePerSecond, seconds))
    }
    const report = `${await heading(service, seconds)}\n${table(rows)}`
    process.stdout.write(report)
    await writeFile(RESULTS, report)
    return rows.some(row => row.failed > 0 || row.lostClicks !== 0) ? 1 : 0
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
    rows.map(row => [
      row.ratePerSecond,
      row.actualPerSecond.toFixed(1),
      `${((100 * row.acknowledged) / row.requests).toFixed(2)} %`,
      row.latencyMs.average.toFixed(3),
      row.latencyMs.p50.toFixed(3),
      row.latencyMs.p95.toFixed(3),
      row.latencyMs.p99.toFixed(3),
      row.connections,
      row.requests,
      row.failed,
      row.lostClicks,
    ]),
  )
}

async function heading(service: ServiceProcess, seconds: number): Promise<string> {
  const health = (await (await fetch(`${service.url}/health`)).json()) as {
    version: string
    threads: unknown[]
  }
  return `# Rates

clickcounter ${health.version}, ${health.threads.length} request thread(s), embedded Postgres, Node ${process.versions.node},
${availableParallelism()} × ${cpus()[0]?.model}, ${new Date().toISOString().slice(0, 10)}. Service and client share the cores.

Each row: ${seconds} s of \`GET /counter/{id}\` over 100 banners, driven by autocannon. Autocannon sends the clicks of
each second at the second's start, one after the other on each connection, so the latency is that of a burst.
Latency is corrected for coordinated omission by autocannon's rule (an answer that took t ms stands for the ones
that would have been waited for 1 ms less each), in microseconds instead of its whole milliseconds.
*Lost* is what was acknowledged minus what Postgres has afterwards.
`
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

process.exitCode = await main()
