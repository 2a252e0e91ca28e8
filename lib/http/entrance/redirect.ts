import type { Destination } from '../../banners/destination.ts'
import { headerLines } from '../listener/answer.ts'
import type { BannerRuling, EachClick, Fate, Ruling } from './ruling.ts'

const headers = { 'cache-control': 'no-store', 'x-robots-tag': 'noindex', 'content-length': 0 }
const headersBehindLocation = `\r\n${headerLines(headers)}`

/** Leads the clicks of a banner to its destination. `nowMs`: since the epoch. */
export function redirect(destination: Destination, fate: Fate, nowMs: number): BannerRuling {
  const { hasMacros, takesParameters } = destination
  const each = hasMacros || takesParameters ? new EachRedirect(destination, fate) : null
  return leadingTo(destination.urlFor('', nowMs), fate, each)
}

/**
 * `url` must be safe in a header. All in one object, and what a click reads of it in front: with thousands of banners,
 * each line of memory has left the processor's cache. And put into words by hand: `prepared` would take longer than all
 * the rest of a click that has a URL of its own.
 */
export function leadingTo(url: string, fate: Fate, each: EachClick | null = null): BannerRuling {
  return {
    fate,
    each,
    beginning: ['HTTP/1.1 302 Found\r\nlocation: ', url, headersBehindLocation].join(''),
    middle: '',
    body: '',
    isForAnyOrigin: true,
    statusCode: 302,
    statusText: 'Found',
    headers: { location: url, ...headers },
    bodyHeaders: {},
  }
}

/** Leads each click to a URL of its own. */
class EachRedirect implements EachClick {
  readonly #destination: Destination
  readonly #fate: Fate
  /** On clicks without a query, where these are alike. null: they are not, or there was none yet. */
  #withoutQuery: Ruling | null = null

  constructor(destination: Destination, fate: Fate) {
    this.#destination = destination
    this.#fate = fate
  }

  rulingOn(query: string, _wantsPage: boolean, now: () => number): Ruling {
    if (query !== '' || this.#destination.hasMacros) return this.#make(query, now)
    return (this.#withoutQuery ??= this.#make(query, now))
  }

  #make(query: string, now: () => number): Ruling {
    return leadingTo(this.#destination.urlFor(query, now()), this.#fate)
  }
}
