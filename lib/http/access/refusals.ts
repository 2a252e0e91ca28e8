import Boom from '@hapi/boom'
import type { Scope } from '../../access/scopes.ts'
import { unavailable } from '../entrance/unavailable.ts'

const CHALLENGE = 'Bearer realm="clickcounter"'
const UNKNOWN_RETRY_SECONDS = 2

/** What RFC 6750 says of requests that are let in by nobody. All of it may be read by strangers. */

/** 401: there is no key in the request. */
export function missingKey(): Boom.Boom {
  return challenged(
    Boom.unauthorized('this needs a key: send it in the header "Authorization: Bearer cck_…"'),
    '',
  )
}

/** 401: there is a key, and none in force is like it. */
export function wrongKey(message: string): Boom.Boom {
  return challenged(Boom.unauthorized(message), ', error="invalid_token"')
}

/** 429: the client has sent too many wrong keys. */
export function tooManyFailures(waitMs: number): Boom.Boom {
  const seconds = Math.ceil(waitMs / 1000)
  const error = Boom.tooManyRequests(
    `too many wrong keys came from your address: send a right one, or try again in ${seconds} s`,
  )
  error.output.headers['Retry-After'] = seconds
  return error
}

/** 403: the key is in force, and not for this. */
export function missingScope(scope: Scope): Boom.Boom {
  return challenged(
    Boom.forbidden(`this key has not the scope ${scope}: use one that has it`),
    `, error="insufficient_scope", scope="${scope}"`,
  )
}

/** 403: the scope is never open, and there is no key that has it. */
export function noKeyYet(scope: Scope): Boom.Boom {
  return Boom.forbidden(
    `this needs a key with the scope ${scope}, and there is no key yet: make one with "npm run keys -- create" ` +
      'on the machine of the service, or set CLICKCOUNTER_ADMIN_KEY',
  )
}

/** 503: it is not known yet if there are keys. */
export function unknownKeys(): Boom.Boom {
  return unavailable(
    'the keys are not known yet: the database has not answered since the start. Ask again later.',
    UNKNOWN_RETRY_SECONDS,
  )
}

function challenged(error: Boom.Boom, details: string): Boom.Boom {
  error.output.headers['www-authenticate'] = `${CHALLENGE}${details}`
  return error
}
