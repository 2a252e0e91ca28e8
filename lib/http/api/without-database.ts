import type Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import { unavailable } from '../entrance/unavailable.ts'

export const RETRY_AFTER_SECONDS = 5

/** 503: Postgres has not done what the request needs. The log has the error, and the client gets the message. */
export function withoutDatabase(request: Request, error: unknown, message: string): Boom.Boom {
  // A client that has gone away may have ended the work itself: that is no failure of the service.
  if (!request.raw.res.destroyed) request.log('database', error as Error)
  return unavailable(message, RETRY_AFTER_SECONDS)
}
