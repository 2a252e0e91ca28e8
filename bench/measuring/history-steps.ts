import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { connect } from '../../db/connection/connect.ts'
import { openEmbeddedPostgres } from '../../db/embedded/embedded.ts'
import { readHistoryState } from '../../db/history/history-state.ts'
import { SHARE_FLUSHES } from '../../db/history/locks.ts'
import { ensureMonths, monthOf } from '../../db/history/months.ts'
import { rollUp } from '../../db/history/roll-up.ts'
import { StepSize } from '../../db/history/step-size.ts'
import { migrate } from '../../db/schema/migrate.ts'
import { newRows, type Rows } from '../../lib/rows/rows.ts'
import { progress } from '../report/progress.ts'
import { type Held, measureHeld, PATIENT_LIMITS } from './held-flushes.ts'
import { pairedRounds } from './rounds.ts'
import { flushRows } from './stored.ts'

const QUARTER_MINUTES = 15
/** Of how many banners flushes are held, and for how many quarters each. */
const HELD = [
  [10_000, 5],
  [100_000, 2],
] as const
const QUICKLY_HELD = [
  [500, 1],
  [1000, 1],
] as const
/** Only the tables of minutes, as they would be without months and sums. */
const PLAIN = `CREATE SCHEMA plain
  CREATE TABLE click_minutes (
    banner_id bigint NOT NULL, minute timestamptz NOT NULL,
    clicks bigint NOT NULL, bots bigint NOT NULL, duplicates bigint NOT NULL,
    PRIMARY KEY (banner_id, minute)
  ) WITH (fillfactor = 50)`

/** Times of single steps. Those of flushes come in pairs. */
export interface Steps {
  readonly banners: number
  /** A quarter is summed up: its transaction. */
  readonly quarterMs: readonly number[]
  /** A flush into months, with sums, and one into a plain table: their transactions. */
  readonly withMs: readonly number[]
  readonly withoutMs: readonly number[]
  /** For how long flushes were held by steps, with few and with many banners. */
  readonly held: readonly Held[]
}

/** Measures on a Postgres of its own, where no service sums up meanwhile. */
export async function measureSteps(isQuick: boolean): Promise<Steps> {
  const banners = isQuick ? 500 : 10_000
  const rounds = isQuick ? 2 : 15
  const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-bench-'))
  const postgres = await openEmbeddedPostgres({ dataDir, log: () => {} })
  try {
    await postgres.bringUp()
    await migrate(postgres.server, { kind: 'up' })
    const [client, flusher] = await Promise.all(
      [1, 2].map(() => connect(postgres.server, 'clickcounter bench', PATIENT_LIMITS)),
    )
    const flushes = await measureFlushes(client!, banners, rounds)
    const quarterMs = await measureQuarters(client!, banners, isQuick ? 2 : 5)
    const held: Held[] = []
    for (const [of, quarters] of isQuick ? QUICKLY_HELD : HELD)
      held.push(await measureHeld(client!, flusher!, of, quarters))
    await Promise.all([client!.end(), flusher!.end()])
    return { banners, quarterMs, ...flushes, held }
  } finally {
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Every second round updates the rows of the one before, as a minute's second flush does. */
async function measureFlushes(client: pg.Client, banners: number, rounds: number) {
  await client.query(PLAIN)
  const now = Math.floor(Date.now() / 60_000)
  await ensureMonths(client, 'minutes', [monthOf(now), monthOf(now + rounds)])
  const times = [0, 0]
  const subjects = [
    { name: 'a flush into months', begun: SHARE_FLUSHES },
    { name: 'a flush into a plain table', begun: 'SET LOCAL search_path = plain, public' },
  ]
  const [withMs, withoutMs] = await pairedRounds('history', subjects, rounds, async subject => {
    const nth = subjects.indexOf(subject)
    const rows = rowsOf(banners, now + Math.floor(times[nth]!++ / 2))
    const startedAtMs = performance.now()
    await flushRows(client, rows, subject.begun)
    return performance.now() - startedAtMs
  })
  return { withMs: withMs!, withoutMs: withoutMs! }
}

async function measureQuarters(client: pg.Client, banners: number, rounds: number): Promise<number[]> {
  const { quartersUntil: first } = await readHistoryState(client)
  const quarters = Array.from({ length: rounds }, (_, nth) => first + nth * QUARTER_MINUTES)
  await ensureMonths(client, 'minutes', quarters.map(monthOf))
  await ensureMonths(client, 'quarters', quarters.map(monthOf))
  await client.query('TRUNCATE click_minutes')
  const tookMs: number[] = []
  for (const quarter of quarters) {
    progress(`history: quarter ${tookMs.length + 1} of ${rounds}`)
    for (let minute = quarter; minute < quarter + QUARTER_MINUTES; minute++)
      await flushRows(client, rowsOf(banners, minute))
    const startedAtMs = performance.now()
    const options = { size: new StepSize(100), waitMs: 200, nowMinute: quarter + 2 * QUARTER_MINUTES }
    const done = await rollUp(client, 'quarters', options)
    tookMs.push(performance.now() - startedAtMs)
    if (done !== 'done') throw new Error(`a quarter should have been summed up, and was not: ${done}`)
  }
  return tookMs
}

/** A click of each banner in one minute. */
function rowsOf(banners: number, minute: number): Rows {
  const rows = newRows(banners)
  rows.bannerIds.set(Array.from({ length: banners }, (_, row) => row + 1))
  rows.minutes.fill(minute)
  rows.clicks[0].fill(1)
  return rows
}
