import type { IncomingMessage } from 'node:http'
import Boom from '@hapi/boom'

const BEARER = /^bearer +/i

/**
 * The text of the key in the Authorization header. null: there is none, or the header is for somebody else, such as a
 * proxy's Basic. A key is taken from nowhere else: an address gets into logs and histories. Throws 400 to several
 * Authorization headers.
 */
export function bearerText({ headers, rawHeaders }: IncomingMessage): string | null {
  const { authorization } = headers
  if (authorization === undefined) return null
  // Node keeps the first of several. A proxy in front may have checked the last.
  if (countOf('authorization', rawHeaders) > 1)
    throw Boom.badRequest('there must be one Authorization header')
  const scheme = BEARER.exec(authorization)?.[0]
  return scheme === undefined ? null : authorization.slice(scheme.length)
}

/** How many fields have this name. `rawHeaders`: names and values, in turn. */
function countOf(name: string, rawHeaders: readonly string[]): number {
  let count = 0
  for (let nth = 0; nth < rawHeaders.length; nth += 2)
    if (rawHeaders[nth]!.length === name.length && rawHeaders[nth]!.toLowerCase() === name) count++
  return count
}
