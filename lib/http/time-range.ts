import Joi from '@hapi/joi'

/** A half-open range of time, [from, to). */
export interface TimeRange {
  readonly from: Date
  readonly to: Date
}

const MINUTE_MS = 60_000
const MAX_RANGE_DAYS = 3660

const ISO_8601 =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/

/**
 * The moment that an ISO 8601 text names, in UTC where it says no offset, or null. Stricter than Date.parse,
 * which takes 30 February for 1 March and reads a time without an offset as local. Fractions of a millisecond
 * are rounded up: which minutes start before the moment, and which do not, stays the same.
 */
export function parseTime(text: string): Date | null {
  const match = ISO_8601.exec(text)
  if (match === null) return null
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(part => Number(part ?? 0))
  const milliseconds = Math.ceil(Number((match[7] ?? '').padEnd(9, '0')) / 1e6)
  const daysInMonth = new Date(Date.UTC(year!, month!, 0)).getUTCDate()
  const isReal =
    month! >= 1 &&
    month! <= 12 &&
    day! >= 1 &&
    day! <= daysInMonth &&
    hour! <= 23 &&
    minute! <= 59 &&
    second! <= 59
  const offsetMinutes = parseOffset(match[8])
  if (!isReal || offsetMinutes === null) return null
  const utc = new Date(0)
  utc.setUTCFullYear(year!, month! - 1, day)
  utc.setUTCHours(hour!, minute! - offsetMinutes, second, milliseconds)
  return isWritable(utc) ? utc : null
}

function parseOffset(text: string | undefined): number | null {
  if (text === undefined || text === 'Z') return 0
  const [hours, minutes] = text.slice(1).match(/\d\d/g)!.map(Number)
  if (hours! > 14 || (minutes ?? 0) > 59) return null
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
  .description('A time in ISO 8601; without an offset it is taken as UTC.')

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
