import { STATUS_CODES } from 'node:http'
import { type Headers, prepared } from '../listener/answer.ts'
import type { BannerRuling, Fate, Ruling } from './ruling.ts'

/** For people. A link with 429 or 503 may lead on when it is tried again. */
const HEADINGS = {
  404: 'This link leads nowhere',
  429: 'This link does not lead on just now',
  503: 'This link does not lead on yet',
} as const

/** Says of clicks that they lead nowhere: to programs as JSON, to people as a page. `message` is ASCII. */
export function deadEnd(
  fate: Fate,
  statusCode: keyof typeof HEADINGS,
  message: string,
  headers: Headers = {},
): BannerRuling {
  const statusText = STATUS_CODES[statusCode]!
  const ruling = (type: string, body: string): Ruling => {
    const ofBody = { 'content-type': `${type}; charset=utf-8`, 'content-length': body.length }
    const all = { ...headers, 'cache-control': 'no-store', ...ofBody }
    const parts = { statusCode, statusText, headers: all, isForAnyOrigin: true, bodyHeaders: {}, body }
    return { ...prepared(parts), fate }
  }
  const json = ruling('application/json', JSON.stringify({ statusCode, error: statusText, message }))
  const page = ruling('text/html', pageOf(HEADINGS[statusCode], message))
  return { ...json, each: { rulingOn: (_query, wantsPage) => (wantsPage ? page : json) } }
}

export const NOT_REGISTERED = deadEnd('unknown', 404, 'nobody has registered this banner')
export const WITHOUT_TARGET = deadEnd('unknown', 404, 'this banner has no target')
export const NOT_ACTIVE = deadEnd('inactive', 404, 'this banner is not active now')
export const NOT_KNOWN_YET = deadEnd('unknowable', 503, 'banners are not known yet; try again later', {
  'retry-after': 1,
})

/** It loads nothing, runs nothing, and has nothing of the request in it. In ASCII. */
function pageOf(heading: string, message: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${heading}</title>
<style>
body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1.5rem }
h1 { font-size: 1.5rem }
</style>
<h1>${heading}</h1>
<p>The counter that should lead on says: ${message}.</p>
</html>
`
}
