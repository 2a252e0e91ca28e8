import type pg from 'pg'
import type { TimeRange } from '../lib/http/time-range.ts'
import { statements } from './statements.ts'

/** Rows asked for at once: all that a thread holds of an answer, and a few milliseconds of its time. */
const PAGE_ROWS = 5000

/** Exact digits, as Postgres prints them: a sum may pass 2^53. */
export type Digits = string

export interface StatsPage {
  /** Clicks of the whole range. */
  readonly total: Digits
  /** Minutes that have clicks, ascending: seconds from the epoch to the minute's start, and its clicks. */
  readonly minutes: readonly (readonly [epochSeconds: Digits, clicks: Digits])[]
}

/**
 * Reads a banner's clicks by minute, a page at a time, the first one perhaps empty. All pages are of one
 * snapshot of the database: the total is the sum of the minutes whatever is written meanwhile. Holds a
 * connection of the pool until the last page is read or the generator is closed.
 */
export async function* readStats(
  pool: pg.Pool,
  bannerId: number,
  range: TimeRange,
): AsyncGenerator<StatsPage, void> {
  const client = await pool.connect()
  let isDone = false
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY')
    const totals = await client.query<{ total: Digits }>(statements.totalClicks, [
      bannerId,
      range.from,
      range.to,
    ])
    const { total } = totals.rows[0]!
    for (let from: Date | null = range.from; from !== null; ) {
      const rows = await readPage(client, bannerId, from, range.to)
      yield { total, minutes: rows }
      const last = rows.length === PAGE_ROWS ? rows.at(-1) : undefined
      from = last === undefined ? null : new Date((Number(last[0]) + 60) * 1000)
    }
    await client.query('COMMIT')
    isDone = true
  } finally {
    // After an error, or when the reader has gone away, the connection's state is unknown.
    client.release(!isDone)
  }
}

async function readPage(client: pg.PoolClient, bannerId: number, from: Date, to: Date) {
  const { rows } = await client.query<[Digits, Digits]>({
    text: statements.clicksByMinute,
    values: [bannerId, from, to, PAGE_ROWS],
    rowMode: 'array',
  })
  return rows
}
