import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import type { Asker } from '../../../../db/stats/places.ts'
import { QuestionTooLargeError, TooFineError, TooManyReadersError } from '../../../base/errors.ts'
import { withoutDatabase } from '../without-database.ts'

/** How long a question waits in all: for its flush, Postgres, and a place among the long answers. */
const MAX_WAIT_MS = 10_000

/** One message for all that can be wrong with the database: clients are told no more. */
export const STATS_UNAVAILABLE =
  'The database cannot answer at the moment: /health says why, and clicks are still counted. Ask again later.'

/** Resolves when every click acknowledged so far is in Postgres. Rejects when the signal is given first. */
export type FlushBefore = (signal: AbortSignal) => Promise<void>

export interface Asking {
  readonly flushBefore: FlushBefore
  /** What clients are told apart by. */
  readonly clientOf: (request: Request) => string
}

/**
 * Reads an answer, or its beginning, in which each click is that was acknowledged before. The signal is given when the
 * client goes away, or has waited for too long. Rejects with 503, and with 400 where the reader refuses the question.
 */
export async function afterFlush<Result>(
  request: Request,
  { flushBefore, clientOf }: Asking,
  read: (asker: Asker) => Promise<Result>,
): Promise<Result> {
  const waiting = new AbortController()
  const leave = (reason: string) => waiting.abort(new Error(reason))
  const timer = setTimeout(leave, MAX_WAIT_MS, `waited for ${MAX_WAIT_MS} ms`)
  request.raw.res.once('close', () => leave('the connection is closed'))
  try {
    // Before the first read: an earlier one would miss clicks that the flush stores.
    await flushBefore(waiting.signal)
    return await read({ client: clientOf(request), signal: waiting.signal })
  } catch (error) {
    throw refusalOf(request, error)
  } finally {
    clearTimeout(timer)
  }
}

function refusalOf(request: Request, error: unknown): Boom.Boom {
  if (error instanceof QuestionTooLargeError || error instanceof TooFineError)
    return Boom.badRequest(error.message)
  const message = error instanceof TooManyReadersError ? error.message : STATS_UNAVAILABLE
  return withoutDatabase(request, error, message)
}
