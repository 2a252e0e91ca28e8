/** What an origin is, in a regular expression; whatever else comes as one is not repeated. */
export const ORIGIN = 'null|[a-z][a-z\\d+.-]*://[\\w.~%:[\\]-]{1,255}'
const ORIGIN_ALONE = new RegExp(`^(?:${ORIGIN})$`, 'i')

const ANYBODY = { 'access-control-allow-origin': '*' } as const

/**
 * Lets a page of `origin` read an answer, also one to a request with credentials, which browsers want to be
 * told about by name. Without an origin, pages of any. Counting gives nothing away that is somebody's.
 */
export function corsHeaders(origin: string | null | undefined): Readonly<Record<string, string>> {
  if (origin == null || !ORIGIN_ALONE.test(origin)) return ANYBODY
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
  }
}
