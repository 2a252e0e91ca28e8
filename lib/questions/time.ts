const OFFSET = '[Zz]|[+-](?:0\\d|1[0-4])(?::?[0-5]\\d)?'
/** The texts that can be times. parseTime looks again: there is no 30 February. */
export const TIME_PATTERN = new RegExp(`^(?:${form('-', ':')}|${form('', '')})$`)
const PARTS = 8

/** 2024-12-12T10:00:00.000 with `-` and `:`, 20241212T100000.000 with neither. */
function form(dash: string, colon: string): string {
  const year = '(\\d{3}[1-9]|\\d{2}[1-9]\\d|\\d[1-9]\\d{2}|[1-9]\\d{3})'
  const date = `${year}${dash}(0[1-9]|1[0-2])${dash}(0[1-9]|[12]\\d|3[01])`
  const time = `([01]\\d|2[0-3])${colon}([0-5]\\d)(?:${colon}([0-5]\\d)(?:[.,](\\d{1,9}))?)?`
  return `${date}(?:[Tt ]${time}(${OFFSET})?)?`
}

/**
 * The moment of a text in RFC 3339 or the usual forms of ISO 8601, or null. A text without an offset is in UTC.
 * Stricter than Date.parse, which reads 30 February as 1 March and a time without an offset as local: there is
 * no 24:00 and no leap second. A fraction of a millisecond is rounded up, which changes nothing about which
 * minutes start before the moment.
 */
export function parseTime(text: string): Date | null {
  const match = TIME_PATTERN.exec(text)
  if (match === null) return null
  const parts = match.slice(match[1] === undefined ? 1 + PARTS : 1)
  const [year, month, day, hour, minute, second] = parts.slice(0, 6).map(part => Number(part ?? 0))
  const milliseconds = Math.ceil(Number((parts[6] ?? '').padEnd(9, '0')) / 1e6)
  const utc = new Date(0)
  utc.setUTCFullYear(year!, month! - 1, day)
  // A day that the month does not have: Date went on to the next month.
  if (utc.getUTCDate() !== day) return null
  utc.setUTCHours(hour!, minute! - offsetMinutes(parts[7]), second, milliseconds)
  return isWritable(utc) ? utc : null
}

function offsetMinutes(text: string | undefined): number {
  if (text === undefined || text.toUpperCase() === 'Z') return 0
  const [hours, minutes] = text.slice(1).match(/\d\d/g)!.map(Number)
  return (text.startsWith('-') ? -1 : 1) * (hours! * 60 + (minutes ?? 0))
}

/** Whether ISO 8601 can write it in UTC: its year has four digits, and is not the year 0. */
function isWritable(time: Date): boolean {
  return time.getUTCFullYear() >= 1 && time.getUTCFullYear() <= 9999
}

/** ISO 8601 in UTC. Milliseconds stand there when they are not 0. */
export function formatTime(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z')
}
