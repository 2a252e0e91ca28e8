import type { IncomingHttpHeaders } from 'node:http'
import { headerLines } from '../listener/answer.ts'

/** An origin, as a regular expression. The answer never repeats a text that does not match. */
export const ORIGIN = 'null|[a-z][a-z\\d+.-]*://[\\w.~%:[\\]-]{1,255}'
const ORIGIN_ALONE = new RegExp(`^(?:${ORIGIN})$`, 'i')

/** In lower case: all header fields that originOf reads. */
export const ORIGIN_FIELDS: readonly string[] = ['origin']

const ANYBODY = { 'access-control-allow-origin': '*' } as const
const ANYBODY_LINES = headerLines(ANYBODY)

/** The origin of the page that a request comes from. null: Origin is missing, or is not an origin. */
export function originOf({ origin }: IncomingHttpHeaders): string | null {
  return origin !== undefined && ORIGIN_ALONE.test(origin) ? origin : null
}

/**
 * Headers that let a page of `origin` read an answer; null: pages of any origin. When a request has
 * credentials, browsers let a page read the answer only if it names the page's origin. No answer to a click
 * has a secret in it.
 */
export function corsHeaders(origin: string | null): Readonly<Record<string, string>> {
  if (origin === null) return ANYBODY
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
  }
}

/** The same headers as lines of an answer. */
export function corsLines(origin: string | null): string {
  return origin === null ? ANYBODY_LINES : headerLines(corsHeaders(origin))
}
