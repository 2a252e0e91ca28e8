import { STATUS_CODES } from 'node:http'
import { type Answer, type Headers, prepared } from '../listener/answer.ts'
import type { ClickRule, Fate, Ruling } from './ruling.ts'

/** For people. A link with 503 may lead on when it is tried again. */
const HEADINGS = { 404: 'This link leads nowhere', 503: 'This link does not lead on yet' } as const

/** Says of clicks that they lead nowhere: to programs as JSON, to people as a page. */
export class DeadEnd implements ClickRule {
  readonly #json: Ruling
  readonly #page: Ruling

  constructor(fate: Fate, statusCode: 404 | 503, message: string, headers: Headers = {}) {
    const statusText = STATUS_CODES[statusCode]!
    const ruling = (type: string, body: string): Ruling => ({
      fate,
      answer: answerOf({ statusCode, statusText, headers, type, body }),
    })
    this.#json = ruling('application/json', JSON.stringify({ statusCode, error: statusText, message }))
    this.#page = ruling('text/html', pageOf(HEADINGS[statusCode], message))
  }

  rulingOn(_query: string, wantsPage: boolean): Ruling {
    return wantsPage ? this.#page : this.#json
  }
}

export const NOT_REGISTERED = new DeadEnd('unknown', 404, 'nobody has registered this banner')
export const WITHOUT_TARGET = new DeadEnd('unknown', 404, 'this banner has no target')
export const NOT_ACTIVE = new DeadEnd('inactive', 404, 'this banner is not active now')
export const NOT_KNOWN_YET = new DeadEnd('unknowable', 503, 'banners are not known yet; try again later', {
  'retry-after': 1,
})

function answerOf(given: {
  readonly statusCode: number
  readonly statusText: string
  readonly headers: Headers
  readonly type: string
  readonly body: string
}): Answer {
  const { statusCode, statusText, headers, type, body } = given
  return prepared({
    statusCode,
    statusText,
    headers: {
      ...headers,
      'cache-control': 'no-store',
      'content-type': `${type}; charset=utf-8`,
      'content-length': body.length,
    },
    isForAnyOrigin: true,
    bodyHeaders: {},
    body,
  })
}

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
