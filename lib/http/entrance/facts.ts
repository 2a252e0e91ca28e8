import type { IncomingHttpHeaders } from 'node:http'
import { ORIGIN_FIELDS, originOf } from './cors.ts'
import { PAGE_WISH_FIELDS, wantsPage } from './page-wish.ts'
import { isPrefetch, PREFETCH_FIELDS } from './prefetch.ts'

/** What the rules want to know of a request. All of it is in the head: the same head has the same facts. */
export interface Facts {
  /** The origin of the page that the request comes from, for the answer. null: the request names none. */
  readonly origin: string | null
  /** A browser sent it before anybody clicked. */
  readonly isPrefetch: boolean
  /** It takes HTML: somebody may be looking at the answer. */
  readonly wantsPage: boolean
}

/** In lower case: the header fields that factsOf reads. Each rule names its own. */
export const FACT_FIELDS: readonly string[] = [...ORIGIN_FIELDS, ...PREFETCH_FIELDS, ...PAGE_WISH_FIELDS]

export function factsOf(headers: IncomingHttpHeaders): Facts {
  return { origin: originOf(headers), isPrefetch: isPrefetch(headers), wantsPage: wantsPage(headers) }
}
