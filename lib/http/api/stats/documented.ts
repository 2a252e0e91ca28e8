import Joi from '@hapi/joi'
import { documentedUnavailable } from '../operations/documented-answers.ts'
import { STATS_UNAVAILABLE } from './after-flush.ts'

/* What the operations of /stats share. */

const utcTime = Joi.string()
  .pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/)
  .required()

export const fromTime = utcTime.description('The range of the question, in UTC.')
export const toTime = utcTime

export const clicks = Joi.number().integer().min(0).unsafe().description('Exact, also above 2^53.')

export const statsUnavailable = documentedUnavailable(
  'Postgres cannot be reached or does not answer in time, or too many long answers are being read. Clicks are still ' +
    'counted.',
  STATS_UNAVAILABLE,
)
