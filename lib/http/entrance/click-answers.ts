import { type Answer, headerLines, prepared } from '../listener/answer.ts'

const headers = { 'cache-control': 'no-store' }

/** The answer of /counter/{id} to a click that is counted, and to a prefetch. */
export const NO_CONTENT: Answer = prepared({
  statusCode: 204,
  statusText: 'No Content',
  headers,
  isForAnyOrigin: true,
  bodyHeaders: {},
  body: '',
})

const GIF = atob('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==')

/** The same answer of /counter/{id}.gif: a transparent GIF of one pixel. */
export const PIXEL: Answer = prepared({
  statusCode: 200,
  statusText: 'OK',
  headers: { ...headers, 'content-type': 'image/gif', 'content-length': GIF.length },
  isForAnyOrigin: true,
  bodyHeaders: {},
  body: GIF,
})

/** Of the answer of /click/{id}, but for where it leads. */
const ledHeaders = { ...headers, 'x-robots-tag': 'noindex', 'content-length': 0 }
const ledLines = `\r\n${headerLines(ledHeaders)}`

/**
 * The answer of /click/{id}. `url` must be safe in a header. With macros each click has an answer of its own, and
 * `prepared` would take as long as all the rest of it.
 */
export function redirectTo(url: string): Answer {
  return {
    statusCode: 302,
    statusText: 'Found',
    headers: { location: url, ...ledHeaders },
    isForAnyOrigin: true,
    bodyHeaders: {},
    body: '',
    beginning: ['HTTP/1.1 302 Found\r\nlocation: ', url, ledLines].join(''),
    middle: '',
  }
}
