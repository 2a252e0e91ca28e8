import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import { ClickCounterError } from '../../base/errors.ts'
import { unavailable } from '../entrance/unavailable.ts'
import { RETRY_AFTER_SECONDS, withoutDatabase } from './without-database.ts'

/** How the errors of some work in Postgres are answered. */
export interface Refusals {
  /** By the code of a ClickCounterError. Each says something that the caller can mend, or wait for. */
  readonly status: Readonly<Record<string, number>>
  /** What the client is told of all others: 503. */
  readonly unavailable: string
}

/** What the work resolves with. Rejects with the answer when it does not. */
export async function orRefusal<Result>(
  request: Request,
  work: Promise<Result>,
  refusals: Refusals,
): Promise<Result> {
  try {
    return await work
  } catch (error) {
    throw refusalOf(request, error, refusals)
  }
}

function refusalOf(request: Request, error: unknown, refusals: Refusals): Boom.Boom {
  if (Boom.isBoom(error)) return error
  const statusCode = error instanceof ClickCounterError ? refusals.status[error.code] : undefined
  if (statusCode === undefined) return withoutDatabase(request, error, refusals.unavailable)
  const { message } = error as Error
  return statusCode === 503
    ? unavailable(message, RETRY_AFTER_SECONDS)
    : new Boom.Boom(message, { statusCode })
}
