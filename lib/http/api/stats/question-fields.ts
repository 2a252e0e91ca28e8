import Joi from '@hapi/joi'
import { MAX_GROUPS } from '../../../../db/stats/bounds.ts'
import { MAX_BANNER_ID } from '../../../banners/banner-id.ts'
import { campaignText, labelText } from '../../../banners/banner-schema.ts'
import { didYouMean } from '../../../base/nearest.ts'
import { sayRule } from '../../../base/say-rule.ts'
import { COMPARISONS, GROUPS } from '../../../questions/question.ts'
import { STEPS } from '../../../questions/step.ts'
import { parseTime, TIME_PATTERN } from '../../../questions/time.ts'
import { TIME_FORMS } from '../../../questions/time-schema.ts'
import { wrongZone, zoneNamed } from '../../../questions/zone.ts'

/* The fields of a question about clicks, in a body and in a query. */

/** Of a word that is mistyped, it says which one was meant. */
export function oneOf(words: readonly string[]): Joi.StringSchema {
  return Joi.string()
    .valid(...words)
    .error(errors => {
      // What is missing was not mistyped.
      for (const error of errors.filter(({ code }) => code !== 'any.required')) {
        const { label, value } = error.local
        const guess = typeof value === 'string' ? didYouMean(value, words) : ''
        error.message = `"${label}" must be one of [${words.join(', ')}]${guess}`
      }
      return errors
    })
}

/** In front of the times, which are read in it. */
const timeZone = Joi.string()
  .custom((name: string, helpers) => zoneNamed(name) ?? helpers.error('zone', { rule: wrongZone(name) }))
  .default('UTC')
  .messages({
    zone: '{#label} {#rule}',
    'string.base': '{#label} must be the name of a time zone, such as UTC or Europe/Berlin',
    'string.empty': '{#label} must be the name of a time zone, such as UTC or Europe/Berlin',
  })
  .description(
    'A time zone of IANA. It decides where hours, days, weeks and months begin, and what a time without an offset ' +
      'means. The times of the answer are written in it.',
  )

const time = Joi.string()
  // For readers of the document. parseTime matches it again.
  .pattern(TIME_PATTERN)
  .custom((text: string, helpers) => {
    const [question] = helpers.state.ancestors as [{ timeZone: string }]
    return parseTime(text, question.timeZone) ?? helpers.error('time')
  })
  .required()
  .error(
    sayRule(
      'must be a time in ISO 8601, such as 2024-12-12T10:00:00Z; without an offset it is in "timeZone"',
    ),
  )

/** Of every question. */
export const questionFields = {
  timeZone,
  from: time.description(
    `The range begins with it. ${TIME_FORMS} Without an offset it is in \`timeZone\`, and a date is the first moment of that day there.`,
  ),
  to: time.description('The range ends before this moment. It has the forms of `from`.'),
  step: oneOf(STEPS).description(
    'The length of time that one entry is for. Weeks begin on Monday; `all` is the whole range. Left out: `minute`, and ' +
      'of many banners `all`.',
  ),
  fill: Joi.boolean()
    .default(false)
    .error(sayRule('must be true or false'))
    .description('`true`: steps without clicks are entries too, with 0.'),
  through: time
    .optional()
    .description(
      'Waits, at most 10 s, until every click is there that any instance acknowledged before this: `finalThrough` of the ' +
        'answer is not before it. At most 10 s in the future.',
    ),
  compare: oneOf(COMPARISONS).description(
    'Adds `compared`, the same of an earlier range: `previous` is the one of the same length before, `year` the ' +
      'one a year earlier. Both go by the calendar and the clock of the time zone.',
  ),
}

/** Of a question about many banners. */
export const choiceFields = {
  ids: Joi.array()
    .items(
      Joi.number()
        .integer()
        .min(1)
        .max(MAX_BANNER_ID)
        .error(sayRule(`must be a whole number from 1 to ${MAX_BANNER_ID}, without leading zeros`)),
    )
    .min(1)
    .max(MAX_GROUPS)
    .unique()
    .messages({
      'array.base': '{#label} must be a list of banners, such as [1,2]',
      'array.min': '{#label} names no banner: name some, or leave it out for all banners',
      'array.max': `{#label} has at most ${MAX_GROUPS} banners: ask twice, or by "campaign", "label" or "top"`,
      'array.unique': '{#label} is banner {#value} again: send each banner once',
    })
    .description('The banners, each once. Without `top`, the answer has them in this order.'),
  campaign: campaignText.description('The banners that are of this campaign now.'),
  label: labelText.description('The banners that have this label now.'),
  top: Joi.number()
    .integer()
    .min(1)
    .max(MAX_GROUPS)
    .error(sayRule(`must be a whole number from 1 to ${MAX_GROUPS}`))
    .description('Only so many, those with the most valid clicks: descending, then by id or name.'),
  group: oneOf(GROUPS)
    .default('banner')
    .description('What is told apart: each banner, each campaign, or nothing.'),
}
