import type { IncomingHttpHeaders } from 'node:http'

/** An origin, as a regular expression. The answer does not repeat what does not match. */
export const ORIGIN = 'null|[a-z][a-z\\d+.-]*://[\\w.~%:[\\]-]{1,255}'
const ORIGIN_ALONE = new RegExp(`^(?:${ORIGIN})$`, 'i')

/** In lower case: all header fields that originOf reads. */
export const ORIGIN_FIELDS: readonly string[] = ['origin']

const ANYBODY = { 'access-control-allow-origin': '*' } as const

/** The origin of the page that a request comes from. null: there is none, or what is there is no origin. */
export function originOf({ origin }: IncomingHttpHeaders): string | null {
  return origin !== undefined && ORIGIN_ALONE.test(origin) ? origin : null
}

/**
 * Headers that let a page of `origin` read an answer; null: pages of any origin. Browsers let a page read the answer
 * to a request with credentials only where its origin is named. There is nothing secret in an answer to a click.
 */
export function corsHeaders(origin: string | null): Readonly<Record<string, string>> {
  if (origin === null) return ANYBODY
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
  }
}
