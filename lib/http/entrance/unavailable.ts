import Boom from '@hapi/boom'

/** 503 with Retry-After. */
export function unavailable(message: string, retryAfterSeconds: number): Boom.Boom {
  const error = Boom.serverUnavailable(message)
  error.output.headers['Retry-After'] = retryAfterSeconds
  return error
}
