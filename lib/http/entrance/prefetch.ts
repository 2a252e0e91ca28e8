import type { IncomingHttpHeaders } from 'node:http'

/** A header with which a browser says that it fetches ahead of a click that may never come. */
interface PrefetchHeader {
  readonly name: string
  /** The request is a prefetch when the value contains one of these, in any case. */
  readonly words: readonly string[]
  /** A value that browsers send. */
  readonly example: string
}

/** The rule reads these, and the OpenAPI document lists them. */
export const PREFETCH_HEADERS: readonly PrefetchHeader[] = [
  { name: 'Sec-Purpose', words: ['preview', 'prefetch'], example: 'prefetch;prerender' },
  { name: 'Purpose', words: ['preview', 'prefetch'], example: 'prefetch' },
  // Older Safari, also for its previews of pages.
  { name: 'X-Purpose', words: ['preview', 'prefetch'], example: 'preview' },
  // Older Firefox.
  { name: 'X-Moz', words: ['prefetch'], example: 'prefetch' },
]

const RULES = PREFETCH_HEADERS.map(({ name, words }) => ({
  field: name.toLowerCase(),
  pattern: new RegExp(words.join('|'), 'i'),
}))

/** In lower case: all header fields that isPrefetch reads. */
export const PREFETCH_FIELDS: readonly string[] = RULES.map(({ field }) => field)

export function isPrefetch(headers: IncomingHttpHeaders): boolean {
  for (const { field, pattern } of RULES) {
    const sent = headers[field]
    if (sent !== undefined && pattern.test(String(sent))) return true
  }
  return false
}
