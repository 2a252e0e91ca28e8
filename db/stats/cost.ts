import { QuestionTooLargeError } from '../../lib/base/errors.ts'
import type { MinuteRange } from '../../lib/questions/time-range.ts'
import type { Part } from './part.ts'
import type { Activity } from './snapshot.ts'

/** Postgres takes 2 to 4 s for as many. */
export const MAX_ROWS = 12_000_000
/** Postgres takes about 30 ms for as many. */
const LONG_ROWS = 100_000
const MINUTE_MS = 60_000

/** Throws QuestionTooLargeError where Postgres would read too many rows of banners as active as that. */
export function refuseManyRows(parts: readonly Part[], activity: Activity): void {
  const rows = rowsOf(parts, activity)
  if (rows <= MAX_ROWS) return
  const days = areOfDays(parts) ? '' : ', or for whole days of UTC, of which there are fewest rows'
  throw new QuestionTooLargeError(
    `at most ${MAX_ROWS} rows are read for an answer, and this one may need ${rows}, of ${activity.perDay} banners: ask ` +
      `for a shorter range, fewer banners, a coarser step${days}`,
  )
}

/** Whether no table is read but that of days. */
export function areOfDays(parts: readonly Part[]): boolean {
  return parts.every(
    ({ cuts: { quarters, minutes, moved } }) => quarters.length + minutes.length + moved.length === 0,
  )
}

/** Whether Postgres works for so long that the question needs a place among the long answers. */
export function isLong(parts: readonly Part[], banners: number): boolean {
  return rowsOf(parts, activityOf(banners)) > LONG_ROWS
}

/** So many banners, if each of them is clicked all the time. */
export function activityOf(banners: number): Activity {
  return { perDay: banners, perQuarter: banners }
}

/** Rows that are read, more or less. Minutes to come have none. */
function rowsOf(parts: readonly Part[], { perDay, perQuarter }: Activity): number {
  const nowMinute = Date.now() / MINUTE_MS
  const lengthOf = (pieces: readonly MinuteRange[]) =>
    pieces.reduce((length, { from, to }) => length + Math.max(0, Math.min(to, nowMinute) - from), 0)
  const rows = parts.map(
    ({ cuts: { days, quarters, minutes, moved } }) =>
      (lengthOf(days) / 1440) * perDay +
      ((lengthOf(quarters) + lengthOf(moved)) / 15 + lengthOf(minutes)) * perQuarter,
  )
  return Math.ceil(rows.reduce((all, ofPart) => all + ofPart))
}
