import type { Readable } from 'node:stream'
import type { ResponseObject, ResponseToolkit } from '@hapi/hapi'
import type { Final } from '../../../../db/stats/final-through.ts'
import type { StatsPart } from '../../../../db/stats/read-stats.ts'
import type { Question } from '../../../questions/question.ts'
import type { OneStats, StatsFormat } from './format.ts'

/** Waits for the beginning of an answer about one banner. Whoever calls it reads the other parts: they may hold a connection. */
export async function begin(parts: AsyncGenerator<StatsPart, void>): Promise<OneStats> {
  const { value } = await parts.next()
  if (value?.kind !== 'begun') throw new Error('an answer begins with "begun"')
  return { final: value.final, parts }
}

interface Answer {
  readonly final: Final
  readonly body: Readable
}

/** The answer to a question about `what`, with the headers of its format. */
export function answerIn(
  { contentType, fileName }: StatsFormat,
  h: ResponseToolkit,
  { final, body }: Answer,
  what: string,
  question: Question,
): ResponseObject {
  const answer = h.response(body).type(contentType).vary('accept').header('cache-control', 'no-store')
  if (fileName === null) return answer
  addFinalHeaders(answer, final)
  return answer.header('content-disposition', `attachment; filename="${fileName(what, question)}"`)
}

/** For formats that have no place for it: a table has rows of one form. Names are written as in a path. */
export function addFinalHeaders(answer: ResponseObject, { finalThrough, heldBackBy }: Final): void {
  if (finalThrough !== null) answer.header('x-final-through', finalThrough)
  if (heldBackBy.length > 0) answer.header('x-held-back-by', heldBackBy.map(encodeURIComponent).join(', '))
}
