import Joi from '@hapi/joi'
import { MAX_BANNER_ID } from '../../../banners/banner-id.ts'
import { STEPS } from '../../../questions/step.ts'
import { notAcceptable } from '../accept.ts'
import {
  documentedError,
  documentedUnavailable,
  noStore,
  varyAccept,
} from '../operations/documented-answers.ts'
import type { DocumentedAnswer, DocumentedAnswers, Header, Parameter } from '../operations/operation.ts'
import { STATS_UNAVAILABLE } from './after-flush.ts'
import { STATS_TYPES } from './negotiation.ts'
import { questionFields } from './question-fields.ts'

/* What the operations of /stats share. */

const OFFSET = '(Z|[+-]\\d\\d:\\d\\d)'
const time = Joi.string()
  .pattern(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{3})?${OFFSET}$`))
  .required()
const clicks = Joi.number().integer().min(0).unsafe()

export const bannerId = Joi.number().integer().min(1).max(MAX_BANNER_ID).required()

const range = {
  from: time.description('The range: in UTC with `Z`, in another zone with its offset.'),
  to: time,
}

/** What an answer repeats of its question. */
export const asked = {
  ...range,
  step: Joi.string()
    .valid(...STEPS)
    .required(),
  timeZone: Joi.string().required(),
}

export const sums = {
  total: clicks.required().description('The valid clicks. Exact, also above 2^53.'),
  bots: clicks.required(),
  duplicates: clicks.required(),
}

export const final = {
  finalThrough: Joi.string()
    .pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    .allow(null)
    .required()
    .description(
      'Every click that any instance acknowledged before this is in the answer. null: no instance has told yet how far it is.',
    ),
  heldBackBy: Joi.array()
    .items(Joi.string())
    .description('The names of instances that are more than 15 s behind. Left out when there is none.'),
}

export const stats = Joi.array()
  .items(
    Joi.object({
      ts: Joi.string()
        .pattern(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:00${OFFSET}$`))
        .required()
        .description('The start of the step. That of the first one may be before `from`.'),
      v: clicks.required().description('The valid clicks.'),
      bots: clicks.description('Left out when it is 0.'),
      duplicates: clicks.description('Left out when it is 0.'),
    }).unknown(),
  )
  .description('One entry for each step with clicks, with `fill` for each step, ascending.')

/** The same of an earlier range; `body` is what it has beside its sums. */
export function compared(body: Joi.PartialSchemaMap): Joi.ObjectSchema {
  return Joi.object({ ...range, ...sums, ...body })
    .unknown()
    .description('The earlier range that `compare` asked for.')
}

/** A parameter of a query that has the schema of a field of a body. */
export function queryParameter(name: string, schema: Joi.Schema, value: unknown): Parameter {
  return {
    name,
    in: 'query',
    required: schema.$_getFlag('presence') === 'required',
    description: schema.$_getFlag('description'),
    schema,
    ...(schema.type === 'array' ? { explode: false } : {}),
    examples: { usual: { value } },
  }
}

/** Those of every question as a query, with the values of an example. */
export function questionParameters(
  example: Record<'from' | 'to' | 'step' | 'timeZone', string>,
): Parameter[] {
  const values = { ...example, fill: true, compare: 'previous', through: example.to }
  const names = ['from', 'to', 'step', 'timeZone', 'fill', 'compare', 'through'] as const
  return names.map(name => queryParameter(name, questionFields[name], values[name]))
}

const fileName: Header = {
  description: 'A file name, with CSV.',
  required: false,
  schema: Joi.string().pattern(/^attachment; filename="clicks-[\w.-]+\.csv"$/),
}

const finalThrough: Header = {
  description: 'With CSV: what `finalThrough` is in JSON. Left out where that is null.',
  required: false,
  schema: Joi.string().pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
}
const heldBackBy: Header = {
  description:
    'With CSV: what `heldBackBy` is in JSON, with commas between the names. In a name, what a URL cannot have is escaped.',
  required: false,
  schema: Joi.string(),
}

/** Of answers that are no JSON. */
export const finalHeaders = { 'X-Final-Through': finalThrough, 'X-Held-Back-By': heldBackBy }

/** 200, in both formats. */
export function answered(
  description: string,
  content: NonNullable<DocumentedAnswer['content']>,
): DocumentedAnswer {
  const headers = {
    ...{ 'Cache-Control': noStore, Vary: varyAccept, 'Content-Disposition': fileName },
    ...finalHeaders,
  }
  return { description, headers, content }
}

/** The refusals of every question. `wrong`: what may be wrong with it. */
export function refusals(wrong: string): DocumentedAnswers {
  return {
    400: documentedError(
      400,
      `${wrong}, the range, the step, the time zone, the Accept header, or the request itself is wrong. Or the answer ` +
        'would be too large, or has finer steps than are kept: the message says what would fit.',
      '"from" must be before "to": the range is half-open, [from, to)',
    ),
    406: documentedError(406, 'The Accept header allows neither format.', notAcceptable(STATS_TYPES), {
      Vary: varyAccept,
    }),
    503: documentedUnavailable(
      'Postgres cannot be reached or does not answer in time, too many long answers are being read, or what `through` ' +
        'waits for does not come in time: then the message names the instances that are behind. Clicks are still counted.',
      STATS_UNAVAILABLE,
    ),
  }
}
