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
 * The moment that a text in RFC 3339 or the usual forms of ISO 8601 means, or null. A text without a time
 * means midnight, and a text without an offset is in UTC. A fraction of a millisecond is rounded up: the same
 * minutes start before the rounded moment.
 */
export function parseTime(text: string): Date | null {
  if (!TIME_PATTERN.test(text)) return null
  const withTime = HAS_TIME.test(text) ? text : `${text}T00`
  const withOffset = HAS_OFFSET.test(withTime) ? withTime : `${withTime}Z`
  try {
    const moment = Temporal.Instant.from(withOffset)
    const rounded = moment.round({ smallestUnit: 'millisecond', roundingMode: 'ceil' })
    const time = new Date(rounded.epochMilliseconds)
    return isWritable(time) ? time : null
  } catch {
    // A day that the month does not have.
    return null
  }
}

/** Whether ISO 8601 can write it in UTC: its year must have four digits and not be 0. */
function isWritable(time: Date): boolean {
  return time.getUTCFullYear() >= 1 && time.getUTCFullYear() <= 9999
}

/** ISO 8601 in UTC. Milliseconds are left out when they are 0. */
export function formatTime(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z')
}
