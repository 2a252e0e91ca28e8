import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { clusterPaths } from '../../db/embedded/cluster.ts'
import { findPostmaster } from '../../db/embedded/postmaster.ts'
import { ensureMonths, MONTHLY_TABLES } from '../../db/history/months.ts'
import { openLoop } from '../load/open-loop.ts'
import { moveToClientCore, moveToServerCore, onClientCore } from '../machine/cores.ts'
import { pairedRounds } from '../measuring/rounds.ts'
import { type MeasuredService, startMeasuredService } from '../measuring/service.ts'
import { median, quantile } from '../measuring/statistics.ts'
import { queryDatabase, withDatabase } from '../measuring/stored.ts'
import { progress } from '../report/progress.ts'
import type { SectionResult } from '../report/section-result.ts'
import { markdownTable } from '../report/table.ts'
import type { BenchOptions, Section } from './section.ts'

const RATE_PER_SECOND = 2000
const WARM_UP_SECONDS = 3
const BANNERS = 1000
const IDS = Array.from({ length: BANNERS }, (_, nth) => nth + 1).join()
/** As many entries as an answer may have. */
const BY_DAY = `/stats?ids=${IDS}&from=2025-01-01&to=2025-02-20&step=day`

/** What is asked again and again while the clicks come; null: nothing. */
const SUBJECTS = [
  { name: 'nobody', path: null, accept: '' },
  { name: '1 000 banners by day, 50 days', path: BY_DAY, accept: 'application/json' },
  { name: 'the same as CSV', path: BY_DAY, accept: 'text/csv' },
  {
    name: '1 000 banners by day in Kathmandu, 30 days',
    path: `/stats?ids=${IDS}&from=2025-01-01&to=2025-01-31&step=day&timeZone=Asia/Kathmandu`,
    accept: 'application/json',
  },
  {
    name: 'each minute of 34 days, of one banner',
    path: '/stats/1?from=2025-01-01&to=2025-02-04&fill=true',
    accept: 'application/json',
  },
  {
    name: 'the minutes of a year, streamed',
    path: '/stats/1?from=2025-01-01&to=2026-01-01',
    accept: 'application/json',
  },
] as const

interface Sample {
  /** Of a click, from when it was sent. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly failed: number
  readonly answers: number
  readonly bytes: number
}

export const readers: Section = {
  name: 'readers',
  title: 'Readers',
  question: 'do readers of the largest answers slow clicks down?',
  needs: ['cc', 'curl'],
  isByDefault: true,
  measure,
}

async function measure({ isQuick }: BenchOptions): Promise<SectionResult> {
  const rounds = isQuick ? 1 : 5
  const seconds = isQuick ? 2 : 8
  const service = await startMeasuredService({}, { isPinned: false })
  try {
    const postmaster = await findPostmaster(clusterPaths(service.dataDir).cluster)
    await storeClicks(service)
    progress('readers: warming up')
    for (const subject of SUBJECTS) await clickWhileRead(service, subject, isQuick ? 1 : WARM_UP_SECONDS)
    moveToServerCore(service.pid)
    const samples = await pairedRounds('readers', SUBJECTS, rounds, subject => {
      // In each round: Postgres has made other processes since.
      moveToClientCore(postmaster!.pid)
      return clickWhileRead(service, subject, seconds)
    })
    return resultOf(samples, rounds)
  } finally {
    await service.end()
  }
}

/** Days and quarters of a year ago, as they are once they are summed up, and the minutes of one banner. */
async function storeClicks({ dataDir }: MeasuredService): Promise<void> {
  progress('readers: storing clicks')
  const banners = `generate_series(1, ${BANNERS}) AS banner`
  const months = Array.from({ length: 12 }, (_, month) => Date.UTC(2025, month) / 60_000)
  await withDatabase(dataDir, async client => {
    for (const table of MONTHLY_TABLES) await ensureMonths(client, table, months)
  })
  for (const statement of [
    `INSERT INTO click_days SELECT banner, day, 72, 24, 0
       FROM ${banners}, generate_series('2025-01-01Z'::timestamptz, '2025-12-31Z', '1 day') AS day`,
    `INSERT INTO click_quarters SELECT banner, hour, 3, 1, 0
       FROM ${banners}, generate_series('2025-01-01Z'::timestamptz, '2025-01-31T23:00Z', '1 hour') AS hour`,
    `INSERT INTO click_minutes SELECT 1, minute, 3, 0, 0
       FROM generate_series('2025-01-01Z'::timestamptz, '2025-12-31T23:59Z', '1 minute') AS minute`,
    'VACUUM ANALYZE',
  ])
    await queryDatabase(dataDir, statement)
}

async function clickWhileRead(
  service: MeasuredService,
  { path, accept }: (typeof SUBJECTS)[number],
  seconds: number,
): Promise<Sample> {
  let isOver = false
  const read = async () => {
    const sizes: number[] = []
    while (!isOver && path !== null) sizes.push(await readOnce(service.url + path, accept))
    return sizes
  }
  const reading = read()
  const clicks = await openLoop(service.url, { ratePerSecond: RATE_PER_SECOND, seconds, banners: 100 })
  isOver = true
  const sizes = await reading
  const servedMs = clicks.latencyMs.map((latencyMs, nth) => latencyMs - clicks.sentAfterMs[nth]!)
  return {
    p50Ms: quantile(servedMs, 0.5),
    p99Ms: quantile(servedMs, 0.99),
    maxMs: quantile(servedMs, 1),
    ...{ failed: clicks.failed, answers: sizes.length, bytes: sizes[0] ?? 0 },
  }
}

/** By curl, because a reader in this process would be busy with its own work. Resolves with the bytes of the answer. */
async function readOnce(url: string, accept: string): Promise<number> {
  const [command, args] = onClientCore('curl', [
    '-sf',
    '-o',
    '/dev/null',
    '-w',
    '%{size_download}',
    '-H',
    `Accept: ${accept}`,
    url,
  ])
  const { stdout } = await promisify(execFile)(command, args)
  return Number(stdout)
}

function resultOf(samples: readonly Sample[][], rounds: number): SectionResult {
  const alone = samples[0]!.map(({ p99Ms }) => p99Ms)
  const more = (of: readonly Sample[]) => median(of.map(({ p99Ms }, round) => p99Ms - alone[round]!))
  const failed = samples.flat().reduce((sum, sample) => sum + sample.failed, 0)
  return {
    text: `${markdownTable(
      ['who reads', 'p99 ms more than alone', 'p50 ms', 'p99 ms', 'longest ms', 'answers', 'bytes of one'],
      samples.map((of, nth) => [
        SUBJECTS[nth]!.name,
        more(of).toFixed(2),
        median(of.map(({ p50Ms }) => p50Ms)).toFixed(2),
        median(of.map(({ p99Ms }) => p99Ms)).toFixed(2),
        median(of.map(({ maxMs }) => maxMs)).toFixed(1),
        median(of.map(({ answers }) => answers)),
        of[0]!.bytes,
      ]),
    )}
Clicks at ${RATE_PER_SECOND} a second, from when each was sent until it was answered, while one reader asks the same question again and again.
Medians of ${rounds} rounds. The service has one core; Postgres and the readers have the other. The client is there too, and is woken
late: a click counts from when it was sent until the kernel had its answer.
Clicks that failed: ${failed}.
`,
    raw: samples,
    charts: {},
    isSound: failed === 0,
  }
}
