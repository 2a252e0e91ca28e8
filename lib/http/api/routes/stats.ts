import type { Lifecycle } from '@hapi/hapi'
import type { StatsReader } from '../../../../db/stats/read-stats.ts'
import { idOf } from '../banners/calls.ts'
import { unreadJson } from '../json-body.ts'
import type { Route } from '../operations/operation.ts'
import { type Asking, afterFlush } from '../stats/after-flush.ts'
import { answerIn, begin } from '../stats/answer.ts'
import { chooseFormat } from '../stats/negotiation.ts'
import { bodyOf } from '../stats/pieces.ts'
import { QUESTION_NAMES, questionOf, questionSchema } from '../stats/question-schema.ts'
import { readQuestion } from '../stats/read-question.ts'
import { readClicks, readClicksByQuery, STATS_BODY_BYTES } from './stats-operations.ts'

const FORM = {
  schema: questionSchema,
  names: QUESTION_NAMES,
  maxBytes: STATS_BODY_BYTES,
  example: '{"from":"2024-12-12T10:00:00Z","to":"2024-12-12T10:05:00Z"}',
}

/** GET and POST /stats/{id}: the clicks of a banner, with each that was acknowledged before the question. */
export function statsRoutes(reader: Pick<StatsReader, 'read'>, asking: Asking): [Route, Route] {
  const handler: Lifecycle.Method = async (request, h) => {
    const asked = await readQuestion(request, FORM)
    const question = questionOf(asked, 'minute')
    const bannerId = idOf(request)
    const format = chooseFormat(request.raw.req.headers.accept, question)
    const { final, body } = await afterFlush(request, asking, asked.through, async asker => {
      const { begun, parts } = await begin(reader.read(bannerId, question, asker))
      return { final: begun.final, body: await bodyOf(format.one(parts, bannerId, question)) }
    })
    return answerIn(format, h, { final, body }, String(bannerId), question)
  }
  const path = '/stats/{id}'
  return [
    { method: 'GET', path, handler, options: { plugins: { operation: readClicksByQuery } } },
    {
      ...{ method: 'POST', path, handler },
      options: { payload: unreadJson('application/json'), plugins: { operation: readClicks } },
    },
  ]
}
