import Joi from '@hapi/joi'
import { parseTime, TIME_PATTERN } from '../../../questions/time.ts'
import { MAX_RANGE_DAYS, mistakeInRange, type TimeRange } from '../../../questions/time-range.ts'

const timeRule = 'must be a time in ISO 8601, such as 2024-12-12T10:00:00Z; without an offset it is in UTC'

const time = Joi.string()
  .required()
  // For readers of the document. parseTime matches it again.
  .pattern(TIME_PATTERN)
  .custom((text: string, helpers) => parseTime(text) ?? helpers.error('time'))
  .messages({ '*': `{#label} ${timeRule}` })
  .description(
    'A time in RFC 3339 or ISO 8601: a date, or a date and a time to the minute, second or up to nine ' +
      'digits of its fraction, all with `-` and `:` (`2024-12-12T10:00:00.5Z`) or all without ' +
      '(`20241212T100000Z`). `t` or a space may stand for the `T`, a comma for the point, `z` for the `Z`. ' +
      'The offset is `Z`, `+01`, `+0100` or `+01:00`, less than 15 hours; without an offset the time is in ' +
      'UTC. There is no 24:00, no 60th second, and no week or ordinal date.',
  )

/** The body of a question about clicks: a TimeRange once it is validated. */
export const timeRangeSchema = Joi.object<TimeRange>({ from: time, to: time })
  .required()
  .custom((range: TimeRange, helpers) => {
    const mistake = mistakeInRange(range)
    return mistake === null ? range : helpers.error(`range.${mistake}`)
  })
  .messages({
    'range.order': '"from" must be before "to": the range is half-open, [from, to)',
    'range.length': `the range must not be longer than ${MAX_RANGE_DAYS} days`,
    'object.base': 'the body must be a JSON object with "from" and "to"',
    'any.required': 'the body must be a JSON object with "from" and "to"',
    'object.unknown': '{#label} is not known: the body has "from" and "to"',
  })
  .description(`Half-open, [from, to): it has the minutes that start in it. At most ${MAX_RANGE_DAYS} days.`)
  .label('TimeRange')
