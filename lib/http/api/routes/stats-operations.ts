import Joi from '@hapi/joi'
import { MAX_BANNER_ID } from '../../../banners/banner-id.ts'
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
import { bannerIdParameter } from '../operations/parameters.ts'
import { clicks, fromTime, statsUnavailable, toTime } from '../stats/documented.ts'
import { STATS_TYPES } from '../stats/negotiation.ts'
import { timeRangeSchema } from '../stats/time-range-schema.ts'

const MINUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$/
const statsSchema = Joi.object({
  bannerId: Joi.number().integer().min(1).max(MAX_BANNER_ID).required(),
  from: fromTime,
  to: toTime,
  total: clicks.required(),
  stats: Joi.array()
    .items(
      Joi.object({
        ts: Joi.string().pattern(MINUTE).required().description('The start of the minute, in UTC.'),
        v: clicks.required(),
      }).unknown(),
    )
    .required()
    .description('One entry for each minute with clicks, ascending.'),
})
  .unknown()
  .label('Stats')

const csvSchema = Joi.string()
  .pattern(/^ts,clicks\r\n(\d{4}-\d\d-\d\dT\d\d:\d\d:00Z,\d+\r\n)*$/)
  .description('RFC 4180: a header line, then one line for each minute with clicks. CRLF ends each line.')

const from = '2024-12-12T10:00:00Z'
const to = '2024-12-12T10:05:00Z'

export const readClicks: Operation = {
  operationId: 'readClicks',
  access: 'read',
  tags: ['Reading'],
  summary: 'Clicks of a banner, minute by minute',
  description:
    'The answer includes every click that was answered before the question. It is JSON, or CSV when `Accept` ' +
    'prefers that. A long answer is streamed, and breaks off when it has not been read after 60 s.',
  parameters: [bannerIdParameter],
  requestBody: {
    description: 'At most 4096 bytes.',
    required: true,
    content: {
      'application/json': {
        schema: timeRangeSchema,
        examples: {
          minutes: { summary: 'Five minutes', value: { from, to } },
          offset: {
            summary: 'A day in Paris',
            value: { from: '2024-12-12T00:00:00+01:00', to: '2024-12-13T00:00:00+01:00' },
          },
          date: { summary: 'A day in UTC', value: { from: '2024-12-12', to: '2024-12-13' } },
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The clicks. A banner without clicks has a total of 0 and an empty list.',
      headers: {
        'Cache-Control': noStore,
        Vary: varyAccept,
        'Content-Disposition': {
          description: 'A file name, with CSV.',
          required: false,
          schema: Joi.string().pattern(/^attachment; filename="clicks-[\w.-]+\.csv"$/),
        },
      },
      content: {
        'application/json': {
          schema: statsSchema,
          examples: {
            minutes: {
              value: {
                bannerId: 1,
                from,
                to,
                total: 6,
                stats: [
                  { ts: '2024-12-12T10:00:00Z', v: 4 },
                  { ts: '2024-12-12T10:01:00Z', v: 2 },
                ],
              },
            },
            none: { summary: 'No clicks', value: { bannerId: 2, from, to, total: 0, stats: [] } },
          },
        },
        'text/csv': {
          schema: csvSchema,
          examples: {
            minutes: { value: 'ts,clicks\r\n2024-12-12T10:00:00Z,4\r\n2024-12-12T10:01:00Z,2\r\n' },
          },
        },
      },
    },
    400: documentedError(
      400,
      'The banner id, the range, the JSON, the Accept header, or the request itself is wrong.',
      '"from" must be before "to": the range is half-open, [from, to)',
    ),
    406: documentedError(406, 'The Accept header allows neither format.', notAcceptable(STATS_TYPES), {
      Vary: varyAccept,
    }),
    413: documentedTooLong(4096),
    415: documentedUnsupported(notJson('application/json')),
    503: statsUnavailable,
  },
}
