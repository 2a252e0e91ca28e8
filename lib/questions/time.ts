const OFFSET = '[Zz]|[+-](?:0\\d|1[0-4])(?::?[0-5]\\d)?'
/** Texts that can be times, without 24:00 and leap seconds. parseTime finds days that do not exist. */
export const TIME_PATTERN = new RegExp(`^(?:${form('-', ':')}|${form('', '')})$`)
const HAS_TIME = /[Tt ]/
const HAS_OFFSET = /[Zz]$|[Tt ].*[+-]/

/** 2024-12-12T10:00:00.000 with `-` and `:`, 20241212T100000.000 with neither. */
function form(dash: string, colon: string): string {
  const year = '(\\d{3}[1-9]|\\d{2}[1-9]\\d|\\d[1-9]\\d{2}|[1-9]\\d{3})'
  const date = `${year}${dash}(0[1-9]|1[0-2])${dash}(0[1-9]|[12]\\d|3[01])`
  const time = `([01]\\d|2[0-3])${colon}([0-5]\\d)(?:${colon}([0-5]\\d)(?:[.,](\\d{1,9}))?)?`
  return `${date}(?:[Tt ]${time}(${OFFSET})?)?`
}

/**
 * The moment that a text in RFC 3339 or the usual forms of ISO 8601 means, or null. A text without an offset is in the
 * zone: a time that its clocks show twice is the first one, and one that they skip is as much later as they skip. A text
 * without a time is the first moment of that day there. A fraction of a millisecond is rounded up: the same minutes
 * start before the rounded moment.
 */
export function parseTime(text: string, timeZone = 'UTC'): Date | null {
  if (!TIME_PATTERN.test(text)) return null
  try {
    const rounded = momentOf(text, timeZone).round({ smallestUnit: 'millisecond', roundingMode: 'ceil' })
    const time = new Date(rounded.epochMilliseconds)
    return isWritable(time) ? time : null
  } catch {
    // A day that the month does not have.
    return null
  }
}

function momentOf(text: string, timeZone: string): Temporal.Instant {
  if (HAS_OFFSET.test(text)) return Temporal.Instant.from(text)
  if (HAS_TIME.test(text)) return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).toInstant()
  return Temporal.PlainDate.from(text).toZonedDateTime(timeZone).toInstant()
}

/** Whether ISO 8601 can write it in UTC: its year must have four digits and not be 0. */
export function isWritable(time: Date): boolean {
  return time.getUTCFullYear() >= 1 && time.getUTCFullYear() <= 9999
}

/**
 * ISO 8601, in UTC with `Z`, and in another zone with its offset. Milliseconds are left out when they are 0. ISO 8601 has
 * no offset with seconds, as clocks had before 1972: such a time is written in UTC.
 */
export function formatTime(time: Date, timeZone = 'UTC'): string {
  const utc = time.toISOString().replace('.000Z', 'Z')
  if (timeZone === 'UTC') return utc
  const local = time.toTemporalInstant().toZonedDateTimeISO(timeZone)
  if (local.offsetNanoseconds % 60_000_000_000 !== 0) return utc
  return local.toString({ timeZoneName: 'never', fractionalSecondDigits: local.millisecond === 0 ? 0 : 3 })
}
