import type { Readable } from 'node:stream'
import type { ResponseObject, ResponseToolkit } from '@hapi/hapi'
import type { Final } from '../../../../db/fleet/final-through.ts'
import type { ExportPart, StatsPart } from '../../../../db/stats/read-stats.ts'
import type { Question } from '../../../questions/question.ts'
import type { StatsFormat } from './format.ts'

/** Waits for the beginning of an answer that is read while it is sent, and gives all parts of it. */
export async function begin<Part extends StatsPart | ExportPart>(
  parts: AsyncGenerator<Part, void>,
): Promise<{ begun: Extract<Part, { kind: 'begun' }>; parts: AsyncIterable<Part> }> {
  const { value } = await parts.next()
  if (value?.kind !== 'begun') throw new Error('an answer begins with "begun"')
  return { begun: value as Extract<Part, { kind: 'begun' }>, parts: withFirst(value, parts) }
}

/** Who stops at the first one has not come to the others, and ends them all the same: they hold a connection. */
async function* withFirst<Part>(first: Part, others: AsyncGenerator<Part, void>) {
  try {
    yield first
    yield* others
  } finally {
    await others.return()
  }
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
