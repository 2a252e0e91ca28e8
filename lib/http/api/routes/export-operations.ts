import Joi from '@hapi/joi'
import { notAcceptable } from '../accept.ts'
import {
  documentedError,
  documentedUnavailable,
  noStore,
  varyAccept,
} from '../operations/documented-answers.ts'
import type { Operation } from '../operations/operation.ts'
import { STATS_UNAVAILABLE } from '../stats/after-flush.ts'
import { finalHeaders, queryParameter } from '../stats/documented.ts'
import { exportFields } from '../stats/export-question.ts'
import { EXPORT_TYPES } from '../stats/export-text.ts'

const TIME = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:00Z'
const example = { from: '2024-12-12', to: '2024-12-13', step: 'hour', after: '2024-12-12T10:00:00Z,7' }

export const exportClicks: Operation = {
  operationId: 'exportClicks',
  access: 'read',
  tags: ['Reading'],
  summary: 'All banners’ clicks that are final, as a stream',
  description:
    'A line for each step and banner with clicks, ascending by time, then by banner. It has what is final: no click of ' +
    'any instance is missing. `X-Export-To` says up to when; the next export begins there. An answer that breaks off ' +
    'lacks the end of its body: ask again with `after`, the last whole line that came. It breaks off when it has not been ' +
    'read after ten minutes. Each thread of the service reads one export at a time.',
  parameters: (['from', 'to', 'step', 'after'] as const).map(name =>
    queryParameter(name, exportFields[name], example[name]),
  ),
  responses: {
    200: {
      description: 'The clicks. `clicks` are the valid ones.',
      headers: {
        ...{ 'Cache-Control': noStore, Vary: varyAccept, ...finalHeaders },
        'X-Export-To': {
          description: 'The end of what is in the answer: `to`, or an earlier start of a step.',
          required: true,
          schema: Joi.string().pattern(new RegExp(`^${TIME}$`)),
        },
      },
      content: {
        'application/x-ndjson': {
          schema: Joi.string().allow('').description('A JSON object in each line.'),
          examples: {
            one: {
              value: '{"ts":"2024-12-12T10:00:00Z","bannerId":7,"clicks":4,"bots":1,"duplicates":0}\n',
            },
          },
        },
        'text/csv': {
          schema: Joi.string()
            .pattern(new RegExp(`^ts,banner,clicks,bots,duplicates\\r\\n(${TIME}(,\\d+){4}\\r\\n)*$`))
            .description('RFC 4180, with a header line.'),
          examples: {
            one: { value: 'ts,banner,clicks,bots,duplicates\r\n2024-12-12T10:00:00Z,7,4,1,0\r\n' },
          },
        },
      },
    },
    400: documentedError(
      400,
      'A parameter, the Accept header, or the request itself is wrong. Or finer steps are asked for than are kept: the ' +
        'message says which are.',
      '"from" must be a time at which a step of "hour" begins in UTC',
    ),
    406: documentedError(406, 'The Accept header allows neither format.', notAcceptable(EXPORT_TYPES), {
      Vary: varyAccept,
    }),
    503: documentedUnavailable(
      'Postgres cannot be reached or does not answer in time, or another export is being read.',
      STATS_UNAVAILABLE,
    ),
  },
}
