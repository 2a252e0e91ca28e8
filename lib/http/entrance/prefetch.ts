import type { IncomingHttpHeaders } from 'node:http'

const AHEAD = /prefetch|preview/i

/** With these values a browser says that it fetches ahead of a click that may never come. */
const PREFETCHES: readonly (readonly [field: string, value: RegExp])[] = [
  ['sec-purpose', AHEAD],
  ['purpose', AHEAD],
  // Older Safari, also for its previews of pages.
  ['x-purpose', AHEAD],
  // Older Firefox.
  ['x-moz', /prefetch/i],
]

/** In lower case: all header fields that isPrefetch reads. */
export const PREFETCH_FIELDS: readonly string[] = PREFETCHES.map(([field]) => field)

export function isPrefetch(headers: IncomingHttpHeaders): boolean {
  for (const [field, value] of PREFETCHES) {
    const sent = headers[field]
    if (sent !== undefined && value.test(String(sent))) return true
  }
  return false
}
