import type { IncomingHttpHeaders } from 'node:http'

/** What an origin is, in a regular expression; whatever else comes as one is not repeated. */
export const ORIGIN = 'null|[a-z][a-z\\d+.-]*://[\\w.~%:[\\]-]{1,255}'
const ORIGIN_ALONE = new RegExp(`^(?:${ORIGIN})$`, 'i')

/** All that originOf reads. */
export const ORIGIN_FIELDS: readonly string[] = ['origin']

const ANYBODY = { 'access-control-allow-origin': '*' } as const

/** Of the page that a request comes from. null: it says none, or something else. */
export function originOf({ origin }: IncomingHttpHeaders): string | null {
  return origin !== undefined && ORIGIN_ALONE.test(origin) ? origin : null
}

/**
 * Lets a page of `origin` read an answer, also one to a request with credentials, which browsers want to be
 * told about by name. Without an origin, pages of any. Counting gives nothing away that is somebody's.
 */
export function corsHeaders(origin: string | null): Readonly<Record<string, string>> {
  if (origin === null) return ANYBODY
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
  }
}
