import Joi from '@hapi/joi'
import type { BannerChoice, Comparison, Group, ManyQuestion, Question } from '../../../questions/question.ts'
import type { Step } from '../../../questions/step.ts'
import { MAX_RANGE_DAYS, mistakeInRange } from '../../../questions/time-range.ts'
import { unknownName } from '../query.ts'
import { choiceFields, questionFields } from './question-fields.ts'

/** A question as it is sent, once it is validated: with defaults, and with times parsed. */
export interface QuestionBody extends Omit<Question, 'step' | 'compare'> {
  readonly step?: Step
  readonly compare?: Comparison
  readonly through?: Date
}

export interface ManyQuestionBody extends QuestionBody {
  readonly ids?: readonly number[]
  readonly campaign?: string
  readonly label?: string
  readonly top?: number
  readonly group: Group
}

export const questionSchema = questionObject<QuestionBody>(questionFields).label('StatsQuestion')

const manyQuestionFields = { ...choiceFields, ...questionFields }

export const manyQuestionSchema = questionObject<ManyQuestionBody>(manyQuestionFields)
  .oxor('ids', 'campaign', 'label')
  .custom((body: ManyQuestionBody, helpers) =>
    body.top !== undefined && body.group === 'none' ? helpers.error('top.none') : body,
  )
  .messages({
    'object.oxor':
      '"ids", "campaign" and "label" exclude each other: send one of them, or none for all banners',
    'top.none': '"top" is for banners or campaigns: leave it out, or ask for another "group" than "none"',
  })
  .label('ManyStatsQuestion')

/** Of the fields: parameters of a query have the same. */
export const QUESTION_NAMES = namesOf(questionFields)
export const MANY_QUESTION_NAMES = namesOf(manyQuestionFields)

function questionObject<Body extends QuestionBody>(fields: Joi.PartialSchemaMap): Joi.ObjectSchema<Body> {
  return Joi.object<Body>(fields)
    .required()
    .prefs({ convert: false })
    .custom((body: Body, helpers) => {
      const mistake = mistakeInRange(body)
      return mistake === null ? body : helpers.error(`range.${mistake}`)
    })
    .messages({
      'range.order': '"from" must be before "to": the range is half-open, [from, to)',
      'range.length': `the range must not be longer than ${MAX_RANGE_DAYS} days`,
      'object.base': 'the body must be a JSON object with "from" and "to"',
      'any.required': '{#label} is missing: a question has "from" and "to"',
    })
    .error(errors => errors.map(error => sayUnknown(error, namesOf(fields))))
    .description(
      `Half-open, [from, to): it has the minutes that start in it. At most ${MAX_RANGE_DAYS} days.`,
    )
}

/** For people, who look for the range first. */
function namesOf({ from, to, ...others }: Joi.PartialSchemaMap): string[] {
  return Object.keys({ from, to, ...others })
}

/** As unknownName, of a question. What it does not know of a question about many banners is one about one. */
export function unknownInQuestion(noun: string, name: string, names: readonly string[]): string {
  if (!Object.hasOwn(choiceFields, name)) return unknownName(noun, name, names)
  return `the ${noun} "${name}" is for many banners: it belongs to /stats, not to /stats/{id}`
}

/** A field that is mistyped must not look like one that is not there. */
function sayUnknown(error: Joi.ErrorReport, names: readonly string[]): Joi.ErrorReport {
  if (error.code === 'object.unknown')
    error.message = unknownInQuestion(
      'field',
      String(error.local.child),
      names.map(name => `"${name}"`),
    )
  return error
}

/** `usualStep`: that of a question without one. */
export function questionOf(
  { from, to, step, timeZone, fill, compare }: QuestionBody,
  usualStep: Step,
): Question {
  return { from, to, step: step ?? usualStep, timeZone, fill, compare: compare ?? null }
}

export function manyQuestionOf(body: ManyQuestionBody): ManyQuestion {
  const { top, group } = body
  return { ...questionOf(body, 'all'), choice: choiceOf(body), top: top ?? null, group }
}

function choiceOf({ ids, campaign, label }: ManyQuestionBody): BannerChoice {
  if (ids !== undefined) return { kind: 'ids', ids }
  if (campaign !== undefined) return { kind: 'campaign', campaign }
  return label === undefined ? { kind: 'all' } : { kind: 'label', label }
}
