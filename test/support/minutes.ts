import type pg from 'pg'
import { ensureMonths, MONTHLY_TABLES } from '../../db/history/months.ts'

/** What to add to each table. A year of minutes is not summed up by minute: that would take most of the time. */
const PARTS = [
  { table: 'click_minutes', column: 'minute', rows: 'SELECT * FROM stored' },
  {
    table: 'click_quarters',
    column: 'quarter',
    rows: `SELECT banner_id, date_bin('15 minutes', minute, '2000-01-01Z'), sum(clicks), sum(bots), sum(duplicates)
           FROM stored WHERE minute < (SELECT quarters_until FROM click_history) GROUP BY 1, 2`,
  },
  {
    table: 'click_days',
    column: 'day',
    rows: `SELECT banner_id, date_trunc('day', minute, 'UTC'), sum(clicks), sum(bots), sum(duplicates)
           FROM stored WHERE minute < (SELECT days_until FROM click_history) GROUP BY 1, 2`,
  },
]

/** See TestDatabase. Each pair of banner and minute is in the rows once. */
export async function storeMinutes(client: pg.Client, rows: string, values: unknown[] = []): Promise<void> {
  await client.query(
    `CREATE TEMPORARY TABLE stored (banner_id bigint, minute timestamptz, clicks bigint,
       bots bigint NOT NULL DEFAULT 0, duplicates bigint NOT NULL DEFAULT 0)`,
  )
  await client.query(`INSERT INTO stored ${rows}`, values)
  // Or Postgres sorts all rows in place of a few sums.
  await client.query('ANALYZE stored')
  const found = await client.query<{ month: number }>(
    "SELECT DISTINCT (extract(epoch FROM date_trunc('month', minute, 'UTC')) / 60)::float8 AS month FROM stored",
  )
  const months = found.rows.map(({ month }) => month)
  for (const table of MONTHLY_TABLES) await ensureMonths(client, table, months)
  await client.query('BEGIN')
  for (const { table, column, rows } of PARTS)
    await client.query(
      `INSERT INTO ${table} AS counted (banner_id, ${column}, clicks, bots, duplicates) ${rows}
       ON CONFLICT (banner_id, ${column}) DO UPDATE
       SET clicks = counted.clicks + excluded.clicks, bots = counted.bots + excluded.bots,
           duplicates = counted.duplicates + excluded.duplicates`,
    )
  await client.query('COMMIT')
  await client.query('DROP TABLE stored')
}
