import Joi from '@hapi/joi'
import { MAX_BANNER_ID } from '../../../banners/banner-id.ts'
import { EXPORT_STEPS, type ExportQuestion, type ExportStep } from '../../../questions/export.ts'
import { parseTime } from '../../../questions/time.ts'
import { mistakeInRange } from '../../../questions/time-range.ts'
import { timeSchema } from '../../../questions/time-schema.ts'
import { oneOf } from './question-fields.ts'

const MINUTE_MS = 60_000
const MAX_EXPORT_DAYS = 366
const STEPS = Object.keys(EXPORT_STEPS) as ExportStep[]
const PLACE = /^([^,]+),([1-9]\d{0,9})$/

/** An export as it is asked for, once it is validated. */
interface ExportQuery extends Omit<ExportQuestion, 'after'> {
  readonly after?: NonNullable<ExportQuestion['after']>
}

/** The parameters, as they stand in the query. */
export const exportFields = {
  from: timeSchema.required().description('The range begins with it: the start of a step, in UTC.'),
  to: timeSchema
    .required()
    .description('The range ends before it: the start of a step, in UTC. What is not final yet is left out.'),
  step: oneOf(STEPS).required().description('The length of time that one line is for, in UTC.'),
  after: Joi.string()
    .custom((text: string, helpers) => placeOf(text) ?? helpers.error('place'))
    .messages({ place: '{#label} must be the time and the banner of a line, such as 2024-12-12T10:00:00Z,7' })
    .description(
      'Goes on behind this line: its time, a comma and its banner, such as `2024-12-12T10:00:00Z,7`. The rest of the ' +
        'question stays as it was.',
    ),
}

export const EXPORT_NAMES = Object.keys(exportFields) as (keyof typeof exportFields)[]

export const exportSchema = Joi.object<ExportQuery>(exportFields)
  .prefs({ convert: false })
  .custom((query: ExportQuery, helpers) => {
    const mistake = mistakeIn(query)
    return mistake === null ? query : helpers.message({ custom: mistake })
  })
  .messages({ 'any.required': '{#label} is missing: an export has "from", "to" and "step"' })

export function exportQuestionOf({ after, ...query }: ExportQuery): ExportQuestion {
  return { ...query, after: after ?? null }
}

function placeOf(text: string): ExportQuestion['after'] {
  const [, time = '', id] = PLACE.exec(text) ?? []
  const start = parseTime(time)
  const bannerId = Number(id)
  return start === null || bannerId > MAX_BANNER_ID ? null : { start: start.getTime() / MINUTE_MS, bannerId }
}

function mistakeIn({ from, to, step, after }: ExportQuery): string | null {
  const length = EXPORT_STEPS[step]
  const isStart = (minute: number) => minute % length === 0
  for (const [name, time] of Object.entries({ from, to }))
    if (!isStart(time.getTime() / MINUTE_MS))
      return `"${name}" must be a time at which a step of "${step}" begins in UTC`
  if (mistakeInRange({ from, to }) === 'order')
    return '"from" must be before "to": the range is half-open, [from, to)'
  if (to.getTime() - from.getTime() > MAX_EXPORT_DAYS * 1440 * MINUTE_MS)
    return `the range must not be longer than ${MAX_EXPORT_DAYS} days: ask for it part by part`
  if (after === undefined) return null
  const isWithin = after.start >= from.getTime() / MINUTE_MS && after.start < to.getTime() / MINUTE_MS
  return isWithin && isStart(after.start)
    ? null
    : `"after" must be a line of this export: a time in its range at which a step of "${step}" begins, and a banner`
}
