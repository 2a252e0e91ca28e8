import type Boom from '@hapi/boom'

/** Names in lower case, as Hapi sends them. */
export type Headers = Readonly<Record<string, string | number>>

/** An answer without what depends on the client: its page's origin, and whether its connection ends. */
export interface Answer {
  readonly statusCode: number
  readonly statusText: string
  /** Sent before the headers for the page's origin. */
  readonly headers: Headers
  /** Whether headers for the page's origin are sent: pages of any origin may read the answer. */
  readonly isForAnyOrigin: boolean
  /** Sent after the headers for the page's origin. */
  readonly bodyHeaders: Headers
  /** As latin1: a character is a byte. Empty when the answer has none. */
  readonly body: string
}

/** What happens to the connection after an answer: it may be idle for so long, or it ends. */
type Persistence = { readonly keepAliveMs: number } | 'close'

/** An error in Hapi's shape. */
export function errorAnswer({ output }: Boom.Boom): Answer {
  return refusalAnswer(output.payload, { headers: output.headers as Headers })
}

/** The same without an error object: to make one costs as much as a click. */
export function refusalAnswer(
  payload: Boom.Payload,
  { headers = {}, isForAnyOrigin = true }: Partial<Pick<Answer, 'headers' | 'isForAnyOrigin'>> = {},
): Answer {
  const body = bytesOf(JSON.stringify(payload))
  return {
    statusCode: payload.statusCode,
    statusText: payload.error,
    headers,
    isForAnyOrigin,
    bodyHeaders: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-cache',
      'content-length': body.length,
    },
    body,
  }
}

/** The bytes of an answer, as latin1. They are the same as those that Node and Hapi would write. */
export function answerText(
  { statusCode, statusText, headers, bodyHeaders, body }: Answer,
  originHeaders: Headers,
  persistence: Persistence,
): string {
  const connection =
    persistence === 'close'
      ? 'Connection: close\r\n'
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${persistence.keepAliveMs / 1000}\r\n`
  return (
    `HTTP/1.1 ${statusCode} ${statusText}\r\n` +
    `${lines(headers)}${lines(originHeaders)}${lines(bodyHeaders)}` +
    `Date: ${presentDate()}\r\n${connection}\r\n${body}`
  )
}

function lines(headers: Headers): string {
  let text = ''
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`
  return text
}

/** The bytes of a text in UTF-8, as latin1. Most texts are ASCII, and those are the same. */
function bytesOf(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1')
}

let date = ''
let dateSecond = 0

/** Made once a second: to make it for each of many different answers would cost a tenth of a click. */
function presentDate(): string {
  const nowMs = Date.now()
  const second = Math.floor(nowMs / 1000)
  if (second !== dateSecond) {
    date = new Date(nowMs).toUTCString()
    dateSecond = second
  }
  return date
}
