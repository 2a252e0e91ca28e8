import type { Comparison } from './question.ts'
import { isWritable } from './time.ts'
import type { TimeRange } from './time-range.ts'

/**
 * The range that stands beside another one. `previous` is as long, and ends where the other one begins. `year` is a
 * year earlier. Both go by the zone's clocks: so days stay whole days where clocks are changed in between.
 *
 * null: it would begin before the year 1.
 */
export function comparedRange(range: TimeRange, timeZone: string, compare: Comparison): TimeRange | null {
  const from = range.from.toTemporalInstant().toZonedDateTimeISO(timeZone)
  const to = range.to.toTemporalInstant().toZonedDateTimeISO(timeZone)
  const length = from.until(to, { largestUnit: 'day' })
  const earlier =
    compare === 'previous' ? { from: from.subtract(length), to: from } : aYearEarlier(from, to, length)
  const compared = { from: dateOf(earlier.from), to: dateOf(earlier.to) }
  return isWritable(compared.from) ? compared : null
}

/**
 * 29 February becomes 28 February. A range that ends on it would lose a day, or all of its length: so its end is moved
 * until the range is as long as before. The same where clocks were turned back within the range.
 */
function aYearEarlier(
  from: Temporal.ZonedDateTime,
  to: Temporal.ZonedDateTime,
  length: Temporal.Duration,
): { from: Temporal.ZonedDateTime; to: Temporal.ZonedDateTime } {
  const earlier = from.subtract({ years: 1 })
  const end = to.subtract({ years: 1 })
  const isCut = end.day !== to.day || Temporal.ZonedDateTime.compare(earlier, end) >= 0
  return { from: earlier, to: isCut ? earlier.add(length) : end }
}

function dateOf(time: Temporal.ZonedDateTime): Date {
  return new Date(time.epochMilliseconds)
}
