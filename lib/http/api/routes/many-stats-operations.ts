import Joi from '@hapi/joi'
import { MAX_ENTRIES, MAX_GROUPS } from '../../../../db/stats/bounds.ts'
import { notJson } from '../json-body.ts'
import { documentedTooLong, documentedUnsupported } from '../operations/documented-answers.ts'
import type { Operation } from '../operations/operation.ts'
import {
  answered,
  asked,
  bannerId,
  compared,
  final,
  queryParameter,
  questionParameters,
  refusals,
  stats,
  sums,
} from '../stats/documented.ts'
import { choiceFields } from '../stats/question-fields.ts'
import { manyQuestionSchema } from '../stats/question-schema.ts'

export const MANY_STATS_BODY_BYTES = 32_768

/** What is told apart. An answer has one of these. */
const groups = {
  banners: Joi.array()
    .items(
      Joi.object({
        bannerId,
        name: Joi.string().allow(null).required().description('null: nobody has registered it.'),
        ...sums,
        stats,
      }).unknown(),
    )
    .description(
      'With `group: banner`. In the order of `ids`, else by id; with `top`, those with the most first.',
    ),
  campaigns: Joi.array()
    .items(
      Joi.object({
        campaign: Joi.string().allow(null).required().description('null: banners without a campaign.'),
        ...sums,
        stats,
      }).unknown(),
    )
    .description('With `group: campaign`. By name; with `top`, those with the most first.'),
  stats: stats.description('With `group: none`. Entries of all chosen banners together.'),
}

const manyStatsAnswer = Joi.object({ ...asked, ...sums, ...final, ...groups, compared: compared(groups) })
  .unknown()
  .description(
    'The sums at the top are those of all chosen banners, also of those that `top` leaves out. `stats` are there when ' +
      'the question has a `step`.',
  )
  .label('ManyStats')

const csv = Joi.string()
  .pattern(/^((banner|campaign),)?ts,clicks,bots,duplicates\r\n/)
  .description(
    'RFC 4180: a header line, then one line for each entry, and for `all` one line for each banner or campaign. CRLF ' +
      'ends each line. The first column is `banner`, with `group: campaign` it is `campaign`, with `group: none` there ' +
      'is none. A campaign that begins with `=`, `+`, `-` or `@` has an apostrophe in front, because it would be a ' +
      'formula to a spreadsheet.',
  )

const day = { from: '2024-12-12', to: '2024-12-13' }
const answeredDay = {
  ...{ from: '2024-12-12T00:00:00Z', to: '2024-12-13T00:00:00Z', step: 'all', timeZone: 'UTC' },
  ...{ total: 8, bots: 0, duplicates: 0, finalThrough: '2026-11-27T08:00:00Z' },
}
const month = {
  campaign: 'autumn',
  from: '2024-12-01',
  to: '2025-01-01',
  step: 'day',
  timeZone: 'Asia/Kathmandu',
}
const top = { ...day, top: 10, compare: 'previous' }
const none = { bots: 0, duplicates: 0 }

const answers = {
  200: answered('The clicks. A banner without clicks has sums of 0.', {
    'application/json': {
      schema: manyStatsAnswer,
      examples: {
        day: {
          value: {
            ...answeredDay,
            banners: [
              { bannerId: 1, name: 'Autumn sale', total: 8, ...none },
              { bannerId: 2, name: null, total: 0, ...none },
            ],
          },
        },
        campaigns: {
          summary: 'By campaign, in steps',
          value: {
            ...{ ...answeredDay, step: 'day' },
            campaigns: [
              { campaign: 'autumn', total: 8, ...none, stats: [{ ts: '2024-12-12T00:00:00Z', v: 8 }] },
            ],
          },
        },
      },
    },
    'text/csv': {
      schema: csv,
      examples: {
        day: { value: 'banner,ts,clicks,bots,duplicates\r\n1,2024-12-12T00:00:00Z,8,0,0\r\n' },
        campaigns: { value: 'campaign,ts,clicks,bots,duplicates\r\nautumn,2024-12-12T00:00:00Z,8,0,0\r\n' },
      },
    },
  }),
  ...refusals('The choice of banners'),
}

const about = {
  access: 'read',
  tags: ['Reading'],
  description:
    'The banners are those of `ids`, or of a campaign, or with a label, or all. The answer includes every click that ' +
    'any instance acknowledged before `finalThrough`, and as a rule every one that this instance acknowledged before the ' +
    'question. `total` are valid clicks, and what was filtered stands beside them. It is JSON, ' +
    `or CSV when \`Accept\` prefers that. It has at most ${MAX_GROUPS} banners or campaigns, and ${MAX_ENTRIES} entries.`,
} as const

export const readManyClicks: Operation = {
  ...about,
  operationId: 'readManyClicks',
  summary: 'Clicks of many banners: sums, or step by step',
  requestBody: {
    description: `At most ${MANY_STATS_BODY_BYTES} bytes.`,
    required: true,
    content: {
      'application/json': {
        schema: manyQuestionSchema,
        examples: {
          day: { summary: 'The sums of two banners', value: { ids: [1, 2], ...day } },
          month: { summary: 'The days of a month, of each banner of a campaign', value: month },
          top: { summary: 'The ten with the most clicks, beside the day before', value: top },
          campaigns: { summary: 'By campaign', value: { ...day, group: 'campaign', step: 'day' } },
        },
      },
    },
  },
  responses: {
    ...answers,
    413: documentedTooLong(MANY_STATS_BODY_BYTES),
    415: documentedUnsupported(notJson('application/json')),
  },
}

export const readManyClicksByQuery: Operation = {
  ...about,
  operationId: 'readManyClicksByQuery',
  summary: 'The same question as a query',
  parameters: [
    queryParameter('ids', choiceFields.ids, [1, 2]),
    queryParameter('campaign', choiceFields.campaign, 'autumn'),
    queryParameter('label', choiceFields.label, 'mobile'),
    queryParameter('top', choiceFields.top, 10),
    queryParameter('group', choiceFields.group, 'campaign'),
    ...questionParameters(month),
  ],
  responses: answers,
}
