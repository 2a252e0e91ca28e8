import type { Lifecycle } from '@hapi/hapi'
import type { StatsReader } from '../../../../db/stats/read-stats.ts'
import { unreadJson } from '../json-body.ts'
import type { Route } from '../operations/operation.ts'
import { type Asking, afterFlush } from '../stats/after-flush.ts'
import { answerIn } from '../stats/answer.ts'
import { chooseFormat } from '../stats/negotiation.ts'
import { bodyOf } from '../stats/pieces.ts'
import { MANY_QUESTION_NAMES, manyQuestionOf, manyQuestionSchema } from '../stats/question-schema.ts'
import { readQuestion } from '../stats/read-question.ts'
import { MANY_STATS_BODY_BYTES, readManyClicks, readManyClicksByQuery } from './many-stats-operations.ts'

const FORM = {
  schema: manyQuestionSchema,
  names: MANY_QUESTION_NAMES,
  maxBytes: MANY_STATS_BODY_BYTES,
  example: '{"ids":[1,2],"from":"2024-12-12","to":"2024-12-13"}',
}
/** In the name of a file, by what is told apart. */
const WHAT = { banner: 'banners', campaign: 'campaigns', none: 'sum' } as const

/** GET and POST /stats: the clicks of many banners, with each that was acknowledged before the question. */
export function manyStatsRoutes(reader: Pick<StatsReader, 'readMany'>, asking: Asking): [Route, Route] {
  const handler: Lifecycle.Method = async (request, h) => {
    const asked = await readQuestion(request, FORM)
    const question = manyQuestionOf(asked)
    const format = chooseFormat(request.raw.req.headers.accept, question)
    const answer = await afterFlush(request, asking, asked.through, asker => reader.readMany(question, asker))
    const body = await bodyOf(format.many(answer, question, asked.step !== undefined))
    return answerIn(format, h, { final: answer.final, body }, WHAT[question.group], question)
  }
  const path = '/stats'
  return [
    { method: 'GET', path, handler, options: { plugins: { operation: readManyClicksByQuery } } },
    {
      ...{ method: 'POST', path, handler },
      options: { payload: unreadJson('application/json'), plugins: { operation: readManyClicks } },
    },
  ]
}
