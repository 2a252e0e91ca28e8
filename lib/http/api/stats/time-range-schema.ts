import Joi from '@hapi/joi'
import { MAX_RANGE_DAYS, mistakeInRange, type TimeRange } from '../../../questions/time-range.ts'
import { timeSchema } from '../../../questions/time-schema.ts'

const time = timeSchema.required()

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
