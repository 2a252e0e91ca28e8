import type pg from 'pg'
import { ensureMonths, MONTHLY_TABLES } from '../../db/history/months.ts'

const SUMS = [
  { table: 'click_minutes', column: 'minute', start: 'minute', where: 'true' },
  {
    table: 'click_quarters',
    column: 'quarter',
    start: "date_bin('15 minutes', minute, '2000-01-01Z')",
    where: 'minute < (SELECT quarters_until FROM click_history)',
  },
  {
    table: 'click_days',
    column: 'day',
    start: "date_trunc('day', minute, 'UTC')",
    where: 'minute < (SELECT days_until FROM click_history)',
  },
]

/** See TestDatabase. */
export async function storeMinutes(client: pg.Client, rows: string, values: unknown[] = []): Promise<void> {
  await client.query(
    `CREATE TEMPORARY TABLE stored (banner_id bigint, minute timestamptz, clicks bigint,
       bots bigint NOT NULL DEFAULT 0, duplicates bigint NOT NULL DEFAULT 0)`,
  )
  await client.query(`INSERT INTO stored ${rows}`, values)
  const found = await client.query<{ month: number }>(
    "SELECT DISTINCT (extract(epoch FROM date_trunc('month', minute, 'UTC')) / 60)::float8 AS month FROM stored",
  )
  const months = found.rows.map(({ month }) => month)
  for (const table of MONTHLY_TABLES) await ensureMonths(client, table, months)
  await client.query('BEGIN')
  for (const { table, column, start, where } of SUMS)
    await client.query(
      `INSERT INTO ${table} AS counted (banner_id, ${column}, clicks, bots, duplicates)
       SELECT banner_id, ${start}, sum(clicks), sum(bots), sum(duplicates) FROM stored WHERE ${where} GROUP BY 1, 2
       ON CONFLICT (banner_id, ${column}) DO UPDATE
       SET clicks = counted.clicks + excluded.clicks, bots = counted.bots + excluded.bots,
           duplicates = counted.duplicates + excluded.duplicates`,
    )
  await client.query('COMMIT')
  await client.query('DROP TABLE stored')
}
