/** A half-open range of time, [from, to). It has the minutes that start in it. */
export interface TimeRange {
  readonly from: Date
  readonly to: Date
}

/** The same in minutes since the epoch. */
export interface MinuteRange {
  readonly from: number
  readonly to: number
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
export const MAX_RANGE_DAYS = 3660

/**
 * What is wrong with a range: `to` is not after `from` (`order`), or it is too long (`length`). null:
 * nothing.
 */
export function mistakeInRange({ from, to }: TimeRange): 'order' | 'length' | null {
  if (from >= to) return 'order'
  return to.getTime() - from.getTime() > MAX_RANGE_DAYS * DAY_MS ? 'length' : null
}

/** The moment at which a minute starts. */
export function startOf(minute: number): Date {
  return new Date(minute * MINUTE_MS)
}

/** The minutes that start in a range. `from` and `to` are equal when there is none. */
export function minutesOf({ from, to }: TimeRange): MinuteRange {
  return { from: Math.ceil(from.getTime() / MINUTE_MS), to: Math.ceil(to.getTime() / MINUTE_MS) }
}
