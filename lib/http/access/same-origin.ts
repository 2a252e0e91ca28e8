import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import type { Forwarded } from '../entrance/forwarded.ts'

export const OF_OTHER_PAGE =
  'a session is used by the pages of this service alone: elsewhere, send a key in the header ' +
  '"Authorization: Bearer cck_…"'

/** What a browser says of a request's page, and of the address that it asked. */
interface OriginFacts {
  /** The header Sec-Fetch-Site. */
  readonly fetchSite: string | undefined
  /** The header Origin. */
  readonly origin: string | undefined
  /** The header Host, or what a trusted proxy says that it was. */
  readonly host: string | undefined
}

/** Throws 403 when nothing proves that the request comes from a page of this service. */
export function expectSameOrigin({ raw }: Request, forwarded: Pick<Forwarded, 'hostOf'>): void {
  const { headers } = raw.req
  const fetchSite = headers['sec-fetch-site'] as string | undefined
  const mistake = sameOriginMistake({ fetchSite, origin: headers.origin, host: forwarded.hostOf(raw.req) })
  if (mistake !== null) throw Boom.forbidden(mistake)
}

/**
 * What is missing to prove that a request comes from a page of this service; null: nothing is. No page can write these
 * headers itself. Sec-Fetch-Site is judged alone where it is sent: browsers send it over https and to localhost, also
 * through proxies that rewrite Host.
 */
export function sameOriginMistake({ fetchSite, origin, host }: OriginFacts): string | null {
  if (fetchSite !== undefined) return fetchSite === 'same-origin' ? null : OF_OTHER_PAGE
  if (origin === undefined)
    return (
      'nothing says that this comes from a page of this service: browsers send Sec-Fetch-Site or Origin; other ' +
      'programs send a key in the header "Authorization: Bearer cck_…"'
    )
  return hostOf(origin) !== null && hostOf(origin) === hostAs(origin, host)
    ? null
    : 'the headers Origin and Host name different addresses: a proxy in front must pass Host on as the browser sent ' +
        'it, or name it in X-Forwarded-Host and be one of CLICKCOUNTER_TRUSTED_PROXIES'
}

/** Host and port; null: the origin is none of http and https, such as `null`. */
function hostOf(origin: string): string | null {
  return /^https?:\/\/[^/?#@\s]+$/.test(origin) ? (URL.parse(origin)?.host ?? null) : null
}

/** The host in the form of hostOf, without the port that the origin's protocol has by itself. */
function hostAs(origin: string, host: string | undefined): string | null {
  return host === undefined ? null : hostOf(`${origin.slice(0, origin.indexOf('://'))}://${host}`)
}
