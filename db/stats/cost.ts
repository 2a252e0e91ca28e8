import { QuestionTooLargeError } from '../../lib/base/errors.ts'
import type { MinuteRange } from '../../lib/questions/time-range.ts'
import type { Part } from './part.ts'

/** Postgres takes 2 to 4 s for as many. */
export const MAX_ROWS = 12_000_000
/** Postgres takes about 30 ms for as many. */
const LONG_ROWS = 100_000
const MINUTE_MS = 60_000

/** Throws QuestionTooLargeError where Postgres would read too many rows of so many banners. */
export function refuseManyRows(parts: readonly Part[], banners: number): void {
  const rows = rowsOf(parts, banners)
  if (rows <= MAX_ROWS) return
  const isOfDays = parts.every(({ cuts: { quarters, minutes } }) => quarters.length + minutes.length === 0)
  const days = isOfDays ? '' : ', or for whole days of UTC, of which there are fewest rows'
  throw new QuestionTooLargeError(
    `at most ${MAX_ROWS} rows are read for an answer, and this one may need ${rows}, of ${banners} banners: ask for a ` +
      `shorter range, fewer banners, a coarser step${days}`,
  )
}

/** Whether Postgres works for so long that the question needs a place among the long answers. */
export function isLong(parts: readonly Part[], banners: number): boolean {
  return rowsOf(parts, banners) > LONG_ROWS
}

/** Rows that are read at most. */
function rowsOf(parts: readonly Part[], banners: number): number {
  const nowMinute = Date.now() / MINUTE_MS
  return Math.ceil(banners * parts.reduce((rows, part) => rows + rowsOfBanner(part, nowMinute), 0))
}

/** Rows that a part reads of each banner at most. Minutes to come have none. */
function rowsOfBanner({ cuts: { days, quarters, minutes } }: Part, nowMinute: number): number {
  const lengthOf = (pieces: readonly MinuteRange[]) =>
    pieces.reduce((length, { from, to }) => length + Math.max(0, Math.min(to, nowMinute) - from), 0)
  return lengthOf(days) / 1440 + lengthOf(quarters) / 15 + lengthOf(minutes)
}
