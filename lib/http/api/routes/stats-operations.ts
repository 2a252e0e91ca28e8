import Joi from '@hapi/joi'
import { MAX_ENTRIES } from '../../../../db/stats/bounds.ts'
import { MAX_ANSWER_MS } from '../../../../db/stats/read-stats.ts'
import { notJson } from '../json-body.ts'
import { documentedTooLong, documentedUnsupported } from '../operations/documented-answers.ts'
import type { Operation } from '../operations/operation.ts'
import { bannerIdParameter } from '../operations/parameters.ts'
import {
  answered,
  asked,
  bannerId,
  compared,
  final,
  questionParameters,
  refusals,
  stats,
  sums,
} from '../stats/documented.ts'
import { questionSchema } from '../stats/question-schema.ts'

export const STATS_BODY_BYTES = 4096

const statsAnswer = Joi.object({
  bannerId,
  ...asked,
  ...sums,
  ...final,
  stats: stats.required(),
  compared: compared({ stats: stats.required() }),
})
  .unknown()
  .label('Stats')

const csv = Joi.string()
  .pattern(/^(ts,clicks|banner,ts,clicks,bots,duplicates)\r\n([\dTZ:+-]+(,[\dTZ:+-]+)+\r\n)*$/)
  .description(
    'RFC 4180: a header line, then one line for each entry. CRLF ends each line. The columns are `ts,clicks` for ' +
      'minutes in UTC, else `banner,ts,clicks,bots,duplicates`.',
  )

const from = '2024-12-12T10:00:00Z'
const to = '2024-12-12T10:05:00Z'
const minutes = { from, to, step: 'minute', timeZone: 'UTC' }
const paris = { from: '2024-12-09', to: '2024-12-16', step: 'day', timeZone: 'Europe/Paris' }
const week = { ...paris, from: '2024-12-09T00:00:00+01:00', to: '2024-12-16T00:00:00+01:00' }
const none = { bots: 0, duplicates: 0 }
const finalThrough = '2026-11-27T08:00:00Z'

const answers = {
  200: answered('The clicks. A banner without clicks has a total of 0 and an empty list.', {
    'application/json': {
      schema: statsAnswer,
      examples: {
        minutes: {
          value: {
            ...{ bannerId: 1, ...minutes, total: 6, bots: 1, duplicates: 0, finalThrough },
            stats: [
              { ts: '2024-12-12T10:00:00Z', v: 4 },
              { ts: '2024-12-12T10:01:00Z', v: 2, bots: 1 },
            ],
          },
        },
        compared: {
          summary: 'A week in Paris beside the one before',
          value: {
            ...{
              bannerId: 1,
              ...week,
              total: 6,
              ...none,
              ...{ finalThrough, heldBackBy: ['web-2:8080'] },
              stats: [{ ts: '2024-12-12T00:00:00+01:00', v: 6 }],
            },
            compared: {
              ...{ from: '2024-12-02T00:00:00+01:00', to: week.from, total: 5, ...none },
              stats: [{ ts: '2024-12-02T00:00:00+01:00', v: 5 }],
            },
          },
        },
        none: {
          summary: 'No clicks',
          value: { bannerId: 2, ...minutes, total: 0, ...none, finalThrough, stats: [] },
        },
      },
    },
    'text/csv': {
      schema: csv,
      examples: {
        minutes: { value: 'ts,clicks\r\n2024-12-12T10:00:00Z,4\r\n2024-12-12T10:01:00Z,2\r\n' },
        days: {
          value: 'banner,ts,clicks,bots,duplicates\r\n1,2024-12-12T00:00:00+01:00,6,1,0\r\n',
        },
      },
    },
  }),
  ...refusals('The banner id'),
}

const about = {
  access: 'read',
  tags: ['Reading'],
  description:
    'The answer includes every click that any instance acknowledged before `finalThrough`, and as a rule every one that ' +
    'this instance acknowledged before the question. It is JSON, or CSV when `Accept` ' +
    `prefers that. One by minute may have any length, without \`fill\`; others have at most ${MAX_ENTRIES} entries. It ` +
    `breaks off when it has not been read after ${MAX_ANSWER_MS / 1000} s.`,
} as const

export const readClicks: Operation = {
  ...about,
  operationId: 'readClicks',
  summary: 'Clicks of a banner, step by step',
  parameters: [bannerIdParameter],
  requestBody: {
    description: `At most ${STATS_BODY_BYTES} bytes.`,
    required: true,
    content: {
      'application/json': {
        schema: questionSchema,
        examples: {
          minutes: { summary: 'Five minutes', value: { from, to } },
          offset: {
            summary: 'The minutes of a day in Paris',
            value: { from: '2024-12-12T00:00:00+01:00', to: '2024-12-13T00:00:00+01:00' },
          },
          days: {
            summary: 'The days of a week in Paris, beside the week before',
            value: { ...paris, compare: 'previous' },
          },
          date: { summary: 'The minutes of a day in UTC', value: { from: '2024-12-12', to: '2024-12-13' } },
        },
      },
    },
  },
  responses: {
    ...answers,
    413: documentedTooLong(STATS_BODY_BYTES),
    415: documentedUnsupported(notJson('application/json')),
  },
}

export const readClicksByQuery: Operation = {
  ...about,
  operationId: 'readClicksByQuery',
  summary: 'The same question as a query',
  parameters: [bannerIdParameter, ...questionParameters(paris)],
  responses: answers,
}
