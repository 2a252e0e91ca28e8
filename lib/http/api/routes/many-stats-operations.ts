import Joi from '@hapi/joi'
import { MAX_BANNER_ID } from '../../../banners/banner-id.ts'
import type { TimeRange } from '../../../questions/time-range.ts'
import { notAcceptable } from '../accept.ts'
import { notJson } from '../json-body.ts'
import {
  documentedError,
  documentedTooLong,
  documentedUnsupported,
  noStore,
  varyAccept,
} from '../operations/documented-answers.ts'
import type { Operation } from '../operations/operation.ts'
import { clicks, fromTime, statsUnavailable, toTime } from '../stats/documented.ts'
import { timeRangeSchema } from '../stats/time-range-schema.ts'

/** Banners of one question. */
const MAX_IDS = 1000
export const MANY_STATS_BODY = {
  maxBytes: 32_768,
  example: '{"ids":[1,2],"from":"2024-12-12","to":"2024-12-13"}',
}

/** A question about banners, once it is validated. */
interface ManyStats extends TimeRange {
  readonly ids: readonly number[]
}

export const manyStatsSchema = (timeRangeSchema as Joi.ObjectSchema<ManyStats>)
  .keys({
    ids: Joi.array()
      .items(Joi.number().integer().min(1).max(MAX_BANNER_ID))
      .min(1)
      .max(MAX_IDS)
      .unique()
      .required()
      .description('The banners, each once. The answer has them in this order.'),
  })
  .messages({ 'any.required': '{#label} is missing', 'object.unknown': '{#label} is not known' })
  .label('ManyStatsQuestion')

const sums = { total: clicks.required(), bots: clicks.required(), duplicates: clicks.required() }

const manyStatsAnswer = Joi.object({
  from: fromTime,
  to: toTime,
  step: Joi.string().valid('all').required(),
  timeZone: Joi.string().valid('UTC').required(),
  ...sums,
  banners: Joi.array()
    .items(
      Joi.object({
        bannerId: Joi.number().integer().min(1).max(MAX_BANNER_ID).required(),
        name: Joi.string().allow(null).required().description('null: nobody has registered it.'),
        ...sums,
      }).unknown(),
    )
    .required(),
})
  .unknown()
  .label('ManyStats')

const from = '2024-12-12T00:00:00Z'
const to = '2024-12-13T00:00:00Z'

export const readManyClicks: Operation = {
  operationId: 'readManyClicks',
  access: 'read',
  tags: ['Reading'],
  summary: 'Clicks of many banners: one sum each',
  description:
    'The answer includes every click that was answered before the question. `total` are valid clicks, and what was ' +
    'filtered stands beside them.',
  requestBody: {
    description: `At most ${MANY_STATS_BODY.maxBytes} bytes.`,
    required: true,
    content: {
      'application/json': {
        schema: manyStatsSchema,
        examples: { day: { value: { ids: [1, 2], from: '2024-12-12', to: '2024-12-13' } } },
      },
    },
  },
  responses: {
    200: {
      description: 'The sums. A banner without clicks has 0.',
      headers: { 'Cache-Control': noStore, Vary: varyAccept },
      content: {
        'application/json': {
          schema: manyStatsAnswer,
          examples: {
            day: {
              value: {
                ...{ from, to, step: 'all', timeZone: 'UTC', total: 8, bots: 0, duplicates: 0 },
                banners: [
                  { bannerId: 1, name: 'Autumn sale', total: 8, bots: 0, duplicates: 0 },
                  { bannerId: 2, name: null, total: 0, bots: 0, duplicates: 0 },
                ],
              },
            },
          },
        },
      },
    },
    400: documentedError(
      400,
      'The ids, the range, the JSON, the Accept header, or the request itself is wrong.',
      '"from" must be before "to": the range is half-open, [from, to)',
    ),
    406: documentedError(406, 'The Accept header does not allow JSON.', notAcceptable(['application/json']), {
      Vary: varyAccept,
    }),
    413: documentedTooLong(MANY_STATS_BODY.maxBytes),
    415: documentedUnsupported(notJson('application/json')),
    503: statsUnavailable,
  },
}
