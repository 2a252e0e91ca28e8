import Joi from '@hapi/joi'
import { sayRule } from '../base/say-rule.ts'
import { parseTime, TIME_PATTERN } from './time.ts'

const timeRule = 'must be a time in ISO 8601, such as 2024-12-12T10:00:00Z; without an offset it is in UTC'

/** For readers of the document: what parseTime reads, but for what a time without an offset means. */
export const TIME_FORMS =
  'A time in RFC 3339 or ISO 8601: a date, or a date and a time to the minute, second or up to nine ' +
  'digits of its fraction, all with `-` and `:` (`2024-12-12T10:00:00.5Z`) or all without ' +
  '(`20241212T100000Z`). `t` or a space may stand for the `T`, a comma for the point, `z` for the `Z`. ' +
  'The offset is `Z`, `+01`, `+0100` or `+01:00`, less than 15 hours. There is no 24:00, no 60th second, and no ' +
  'week or ordinal date.'

/** A moment in a JSON body: a Date once it is validated. */
export const timeSchema = Joi.string()
  // For readers of the document. parseTime matches it again.
  .pattern(TIME_PATTERN)
  .custom((text: string, helpers) => parseTime(text) ?? helpers.error('time'))
  .error(sayRule(timeRule))
  .description(`${TIME_FORMS} Without an offset it is in UTC.`)
