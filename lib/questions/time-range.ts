import Joi from '@hapi/joi'

/** A half-open range of time, [from, to). */
export interface TimeRange {
  readonly from: Date
  readonly to: Date
}

const MINUTE_MS = 60_000
const MAX_RANGE_DAYS = 3660

const OFFSET = '[Zz]|[+-](?:0\\d|1[0-4])(?::?[0-5]\\d)?'
const ISO_8601 = new RegExp(`^(?:${form('-', ':')}|${form('', '')})$`)
const PARTS = 8

/** As 2024-12-12T10:00:00.000 with `-` and `:`, as 20241212T100000.000 with neither. */
function form(dash: string, colon: string): string {
  const year = '(\\d{3}[1-9]|\\d{2}[1-9]\\d|\\d[1-9]\\d{2}|[1-9]\\d{3})'
  const date = `${year}${dash}(0[1-9]|1[0-2])${dash}(0[1-9]|[12]\\d|3[01])`
  const time = `([01]\\d|2[0-3])${colon}([0-5]\\d)(?:${colon}([0-5]\\d)(?:[.,](\\d{1,9}))?)?`
  return `${date}(?:[Tt ]${time}(${OFFSET})?)?`
}

/**
 * The moment that a text names in RFC 3339 or the usual forms of ISO 8601, in UTC where it says no offset, or
 * null. Stricter than Date.parse, which takes 30 February for 1 March and reads a time without an offset as
 * local: no 24:00, no leap seconds. Fractions of a millisecond are rounded up: which minutes start before
 * the moment, and which do not, stays the same.
 */
export function parseTime(text: string): Date | null {
  const match = ISO_8601.exec(text)
  if (match === null) return null
  const parts = match.slice(match[1] === undefined ? 1 + PARTS : 1)
  const [year, month, day, hour, minute, second] = parts.slice(0, 6).map(part => Number(part ?? 0))
  const milliseconds = Math.ceil(Number((parts[6] ?? '').padEnd(9, '0')) / 1e6)
  const utc = new Date(0)
  utc.setUTCFullYear(year!, month! - 1, day)
  // It would be a day of the next month.
  if (utc.getUTCDate() !== day) return null
  utc.setUTCHours(hour!, minute! - offsetMinutes(parts[7]), second, milliseconds)
  return isWritable(utc) ? utc : null
}

function offsetMinutes(text: string | undefined): number {
  if (text === undefined || text.toUpperCase() === 'Z') return 0
  const [hours, minutes] = text.slice(1).match(/\d\d/g)!.map(Number)
  return (text.startsWith('-') ? -1 : 1) * (hours! * 60 + (minutes ?? 0))
}

/** Whether its year has the four digits of ISO 8601 in UTC too; the year 0 is one of the proleptic calendar's own. */
function isWritable(time: Date): boolean {
  return time.getUTCFullYear() >= 1 && time.getUTCFullYear() <= 9999
}

/** ISO 8601 in UTC, with milliseconds only where there are any. */
export function formatTime(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z')
}

const timeRule =
  'must be a time in ISO 8601, such as 2024-12-12T10:00:00Z; without an offset it is taken as UTC'

const time = Joi.string()
  .required()
  // parseTime looks at it again; here it is for those who read the schema.
  .pattern(ISO_8601)
  .custom((text: string, helpers) => parseTime(text) ?? helpers.error('time'))
  .messages({ '*': `{#label} ${timeRule}` })
  .description(
    'A time in RFC 3339 or ISO 8601: a date, or a date and a time to the minute, second or up to nine digits ' +
      'of its fraction, all with `-` and `:` (`2024-12-12T10:00:00.5Z`) or all without (`20241212T100000Z`). ' +
      'A space or `t` does for the `T`, a comma for the point, `z` for the `Z`. The offset is `Z`, `+01`, `+0100` or ' +
      '`+01:00`, less than 15 hours; without one it is UTC. No 24:00, no 60th second, no week or ordinal dates.',
  )

/** The body of a stats request. */
export const timeRangeSchema = Joi.object<TimeRange>({ from: time, to: time })
  .required()
  .custom((range: TimeRange, helpers) => {
    if (range.from >= range.to) return helpers.error('range.order')
    if (range.to.getTime() - range.from.getTime() > MAX_RANGE_DAYS * 1440 * MINUTE_MS)
      return helpers.error('range.length')
    return range
  })
  .messages({
    'range.order': '"from" must be before "to": the range is half-open, [from, to)',
    'range.length': `the range must not be longer than ${MAX_RANGE_DAYS} days`,
    'object.base': 'the body must be a JSON object with "from" and "to"',
    'any.required': 'the body must be a JSON object with "from" and "to"',
    'object.unknown': '{#label} is not known: the body has "from" and "to"',
  })
  .description(`Half-open, [from, to), over the starts of minutes; at most ${MAX_RANGE_DAYS} days.`)
  .label('TimeRange')
