import { type Answer, prepared } from '../listener/answer.ts'

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
