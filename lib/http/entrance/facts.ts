import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from '../../config/config.ts'
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
  /** As latin1. Empty: there is none, or no rule in force asks for it. */
  readonly userAgent: string
  /** X-Forwarded-For, several fields joined by commas. undefined: as `userAgent`. */
  readonly forwardedFor: string | undefined
  /** Authorization. undefined: as `userAgent`. */
  readonly authorization: string | undefined
}

/** In lower case: the fields of facts that are read only while a setting in force needs them. */
export type WantedField = 'user-agent' | 'x-forwarded-for' | 'authorization'

/** What these settings want to know of clients. */
export function wantedFields({ classes, clientClicksPerMinute, server }: Config): WantedField[] {
  const { areBotsClassed, botAddressesFile, duplicateWindowMs } = classes
  const wanted: WantedField[] = []
  if (areBotsClassed || duplicateWindowMs > 0) wanted.push('user-agent')
  const isAddressWanted = botAddressesFile !== null || duplicateWindowMs > 0 || clientClicksPerMinute > 0
  // Without a trusted proxy, nobody is believed about others.
  if (isAddressWanted && server.trustedProxies.length > 0) wanted.push('x-forwarded-for')
  if (clientClicksPerMinute > 0) wanted.push('authorization')
  return wanted
}

/** Reads the facts of a head. */
export class FactReader {
  /** In lower case: all header fields that `read` reads. Each rule names its own. */
  readonly fields: readonly string[]
  readonly #readsUserAgent: boolean
  readonly #readsForwardedFor: boolean
  readonly #readsAuthorization: boolean

  constructor(wanted: readonly WantedField[]) {
    this.fields = [...ORIGIN_FIELDS, ...PREFETCH_FIELDS, ...PAGE_WISH_FIELDS, ...wanted]
    this.#readsUserAgent = wanted.includes('user-agent')
    this.#readsForwardedFor = wanted.includes('x-forwarded-for')
    this.#readsAuthorization = wanted.includes('authorization')
  }

  /** `headers`: as Node has them, or all that are in `fields`. */
  read(headers: IncomingHttpHeaders): Facts {
    return {
      origin: originOf(headers),
      isPrefetch: isPrefetch(headers),
      wantsPage: wantsPage(headers),
      userAgent: this.#readsUserAgent ? (headers['user-agent'] ?? '') : '',
      // Node joins several fields by commas; Set-Cookie alone would be an array.
      forwardedFor: this.#readsForwardedFor ? (headers['x-forwarded-for'] as string | undefined) : undefined,
      authorization: this.#readsAuthorization ? headers.authorization : undefined,
    }
  }
}
