import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import type { Asker } from '../../../../db/stats/places.ts'
import {
  HeldBackError,
  NotStoredError,
  QuestionTooLargeError,
  TooFineError,
  TooManyReadersError,
} from '../../../base/errors.ts'
import { unavailable } from '../../entrance/unavailable.ts'
import { RETRY_AFTER_SECONDS, withoutDatabase } from '../without-database.ts'
import type { FinalWatch } from './final-watch.ts'

/** How long a question waits in all: for its flush, other instances, Postgres, and a place among the long answers. */
export const MAX_WAIT_MS = 10_000

/** One message for all that can be wrong with the database: clients are told no more. */
export const STATS_UNAVAILABLE =
  'The database cannot answer at the moment: /health says why, and clicks are still counted. Ask again later.'

/**
 * Resolves when every click acknowledged so far is in Postgres. Rejects when the signal is given first, and with
 * NotStoredError when Postgres does not take them.
 */
export type FlushBefore = (signal: AbortSignal) => Promise<void>

export interface Asking {
  readonly flushBefore: FlushBefore
  readonly finalWatch: Pick<FinalWatch, 'through' | 'isKnown'>
  /** What clients are told apart by. */
  readonly clientOf: (request: Request) => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Reads an answer, or its beginning, in which each click is that was acknowledged before, and each that any instance
 * acknowledged before `through`. While Postgres does not take clicks, it is what is there: the answer says how far that is
 * final. The signal is given when the client goes away, or has waited for too long. Rejects with 503, and with 400 where
 * the reader refuses the question.
 */
export async function afterFlush<Result>(
  request: Request,
  asking: Asking,
  through: Date | undefined,
  read: (asker: Asker) => Promise<Result>,
): Promise<Result> {
  refuseFuture(through, asking.now())
  const waiting = new AbortController()
  const leave = (reason: string) => waiting.abort(new Error(reason))
  const timer = setTimeout(leave, MAX_WAIT_MS, `waited for ${MAX_WAIT_MS} ms`)
  request.raw.res.once('close', () => leave('the connection is closed'))
  try {
    // Before the first read: an earlier one would miss clicks that the flush stores.
    await flush(asking, waiting.signal)
    // After the flush, which brings this instance further. It holds no place and no connection meanwhile.
    if (through !== undefined) await asking.finalWatch.through(through, waiting.signal)
    return await read({ client: asking.clientOf(request), signal: waiting.signal })
  } catch (error) {
    throw refusalOf(request, error)
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves as well when clicks are missing and the answer will say so: some instance has told how far it is. */
async function flush({ flushBefore, finalWatch }: Asking, signal: AbortSignal): Promise<void> {
  try {
    await flushBefore(signal)
  } catch (error) {
    if (!(error instanceof NotStoredError) || !(await finalWatch.isKnown())) throw error
  }
}

function refuseFuture(through: Date | undefined, nowMs: number): void {
  if (through !== undefined && through.getTime() > nowMs + MAX_WAIT_MS)
    throw Boom.badRequest(
      `"through" is in the future by more than ${MAX_WAIT_MS / 1000} s, and no question waits for longer: ask for an earlier instant, or later`,
    )
}

function refusalOf(request: Request, error: unknown): Boom.Boom {
  if (error instanceof QuestionTooLargeError || error instanceof TooFineError)
    return Boom.badRequest(error.message)
  // No failure of the service, of which the log would tell.
  if (error instanceof HeldBackError) return unavailable(error.message, RETRY_AFTER_SECONDS)
  const message = error instanceof TooManyReadersError ? error.message : STATS_UNAVAILABLE
  return withoutDatabase(request, error, message)
}
