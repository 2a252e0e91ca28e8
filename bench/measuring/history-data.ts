import type pg from 'pg'
import { ensureMonths, monthOf } from '../../db/history/months.ts'

/** A year of history, written into the tables as flushes and the job leave it. One click a minute, or a row. */
export interface HistoryShape {
  /** Banner 1 is clicked in each minute of so many days. */
  readonly yearDays: number
  /** Of these banners, those from 2 on are clicked in each quarter of the last 31 days. */
  readonly busyBanners: number
  /** Of these banners, those after the busy ones are clicked on each of the last 31 days. */
  readonly allBanners: number
}

/** The last days of the year: one more than a month of 30 days in any zone needs. */
export const MONTH_DAYS = 31
const DAY_MINUTES = 1440

/** All of it is before this: the first moment of a day, in minutes since the epoch. */
export function historyEnd(): number {
  return (Math.floor(Date.now() / 86_400_000) - 1) * DAY_MINUTES
}

export async function fillHistory(
  client: pg.ClientBase,
  end: number,
  { yearDays, busyBanners, allBanners }: HistoryShape,
): Promise<void> {
  const first = end - yearDays * DAY_MINUTES
  const lastMonth = end - MONTH_DAYS * DAY_MINUTES
  const months = Array.from({ length: yearDays + 1 }, (_, day) => monthOf(first + day * DAY_MINUTES))
  await ensureMonths(client, 'minutes', months)
  await ensureMonths(client, 'quarters', months)
  const series = (from: number, step: number) =>
    `generate_series(to_timestamp(${from * 60}), to_timestamp(${end * 60 - 60}), interval '${step} minutes') AS start`
  const fill = (table: string, banners: string, from: number, step: number) =>
    client.query(
      `INSERT INTO ${table} SELECT banner, start, ${step}, 0, 0 FROM ${series(from, step)}, ${banners}`,
    )
  const one = 'generate_series(1, 1) AS banner'
  const busy = `generate_series(2, ${busyBanners}) AS banner`
  await fill('click_minutes', one, first, 1)
  await fill('click_quarters', one, first, 15)
  await fill('click_days', one, first, DAY_MINUTES)
  await fill('click_quarters', busy, lastMonth, 15)
  await fill('click_days', `generate_series(2, ${allBanners}) AS banner`, lastMonth, DAY_MINUTES)
  await client.query('VACUUM ANALYZE click_minutes, click_quarters, click_days')
}
