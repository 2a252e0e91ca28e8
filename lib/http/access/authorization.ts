import type { IncomingMessage } from 'node:http'
import Boom from '@hapi/boom'
import { countFields } from '../listener/fields.ts'

const BEARER = /^bearer +/i

/**
 * The text of the key in the Authorization header. null: there is none, or the header is for somebody else, such as a
 * proxy's Basic. A key is taken from nowhere else: an address gets into logs and histories. Throws 400 to several
 * Authorization headers.
 */
export function bearerText(request: IncomingMessage): string | null {
  const { authorization } = request.headers
  if (authorization === undefined) return null
  // Node keeps the first of several. A proxy in front may have checked the last.
  if (countFields(request, 'authorization') > 1)
    throw Boom.badRequest('there must be one Authorization header')
  return bearerOf(authorization)
}

/** The same of the header's text. */
export function bearerOf(authorization: string): string | null {
  const scheme = BEARER.exec(authorization)?.[0]
  return scheme === undefined ? null : authorization.slice(scheme.length)
}
