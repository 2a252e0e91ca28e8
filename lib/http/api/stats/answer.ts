import type { Readable } from 'node:stream'
import type { ResponseObject, ResponseToolkit } from '@hapi/hapi'
import type { Question } from '../../../questions/question.ts'
import type { StatsFormat } from './format.ts'

/** The answer to a question about `what`, with the headers of its format. */
export function answerIn(
  { contentType, fileName }: StatsFormat,
  h: ResponseToolkit,
  body: Readable,
  what: string,
  question: Question,
): ResponseObject {
  const answer = h.response(body).type(contentType).vary('accept').header('cache-control', 'no-store')
  if (fileName === null) return answer
  return answer.header('content-disposition', `attachment; filename="${fileName(what, question)}"`)
}
