import type pg from 'pg'
import { beginWriting, commit, SERVICE_LIMITS } from '../../../db/connection/transaction.ts'
import { addClicks } from '../../../db/history/add-clicks.ts'
import { readHistoryState } from '../../../db/history/history-state.ts'
import { SHARE_FLUSHES } from '../../../db/history/locks.ts'
import type { TestDatabase } from '../../support/database.ts'
import { type Row, rowsFrom } from '../../support/rows.ts'

const NO_PAUSES = { batchRows: 2000, pauseSeconds: 0 }

/** Of a time in UTC such as 2024-12-12T10:15, since the epoch. */
export function minuteOf(time: string): number {
  return Date.parse(`${time}Z`) / 60_000
}

/** Begins what a flush does, and adds rows, which ascend. Whoever calls it commits. */
export async function beginFlush(client: pg.Client, rows: readonly Row[]): Promise<void> {
  await beginWriting(client, SERVICE_LIMITS, [SHARE_FLUSHES])
  await addClicks(client, rowsFrom(rows), await readHistoryState(client), NO_PAUSES)
}

/** Adds rows as a flush does. */
export async function flush(client: pg.Client, rows: readonly Row[]): Promise<void> {
  await beginFlush(client, rows)
  await commit(client)
}

/** Where the sums stand, as if all before had been summed up. */
export async function beginAt(database: TestDatabase, time: string): Promise<void> {
  await database.query('UPDATE click_history SET quarters_until = $1, days_until = $1', [`${time}Z`])
}

/** `quartersUntil`, `daysUntil`, `minutesFrom` and `quartersFrom`, as 2024-12-12T10:15. */
export async function historyOf(database: TestDatabase): Promise<(string | null)[]> {
  const [row] = await database.query<Record<string, Date | null>>(
    'SELECT quarters_until, days_until, minutes_from, quarters_from FROM click_history',
  )
  return Object.values(row!).map(time => time?.toISOString().slice(0, 16) ?? null)
}

/** Rows as `banner time clicks bots duplicates`, in order. */
export async function sumsIn(
  database: TestDatabase,
  table: 'click_quarters' | 'click_days',
): Promise<string[]> {
  const time = table === 'click_days' ? 'day' : 'quarter'
  const rows = await database.query<Record<string, string | Date>>(
    `SELECT banner_id, ${time}, clicks, bots, duplicates FROM ${table} ORDER BY banner_id, ${time}`,
  )
  return rows.map(row =>
    Object.values(row)
      .map(value => (value instanceof Date ? value.toISOString().slice(0, 16) : value))
      .join(' '),
  )
}

/**
 * What does not come to the same as the minutes, up to the watermarks: each sum that differs, lacks or should not be
 * there. It knows neither months nor imports.
 */
export async function wrongSums(
  database: TestDatabase,
): Promise<{ quarters: number; days: number; right: number }> {
  const compare = (table: string, column: string, start: string, until: string) => `
    SELECT count(*) FILTER (WHERE counted IS DISTINCT FROM kept)::int AS wrong,
           count(*) FILTER (WHERE counted IS NOT DISTINCT FROM kept)::int AS "right"
    FROM (
      SELECT banner_id, ${start} AS start, (sum(clicks), sum(bots), sum(duplicates))::text AS counted
      FROM click_minutes WHERE minute < (SELECT ${until} FROM click_history) GROUP BY 1, 2
    ) AS minutes
    FULL JOIN (
      SELECT banner_id, ${column} AS start, (clicks, bots, duplicates)::text AS kept FROM ${table}
    ) AS sums USING (banner_id, start)`
  interface Found {
    wrong: number
    right: number
  }
  const quarter = 'to_timestamp(floor(extract(epoch FROM minute) / 900) * 900)'
  const day = "date_trunc('day', minute, 'UTC')"
  const [quarters] = await database.query<Found>(
    compare('click_quarters', 'quarter', quarter, 'quarters_until'),
  )
  const [days] = await database.query<Found>(compare('click_days', 'day', day, 'days_until'))
  return { quarters: quarters!.wrong, days: days!.wrong, right: quarters!.right + days!.right }
}
