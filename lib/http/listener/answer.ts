import type Boom from '@hapi/boom'

/** Names in lower case, as Hapi sends them. */
type Headers = Readonly<Record<string, string | number>>

/** An answer without what depends on the client: its page's origin, and whether its connection ends. */
export interface Answer {
  readonly statusCode: number
  readonly statusText: string
  /** Sent before the headers for the page's origin. */
  readonly headers: Headers
  /** Sent after the headers for the page's origin. */
  readonly bodyHeaders: Headers
  /** Empty when the answer has none. */
  readonly body: Buffer
}

/** What happens to the connection after an answer: it may be idle for so long, or it ends. */
type Persistence = { readonly keepAliveMs: number } | 'close'

/** An error in Hapi's shape. */
export function errorAnswer({ output }: Boom.Boom): Answer {
  const body = Buffer.from(JSON.stringify(output.payload))
  return {
    statusCode: output.statusCode,
    statusText: output.payload.error,
    headers: output.headers as Headers,
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
    `Date: ${new Date().toUTCString()}\r\n${connection}\r\n${body.toString('latin1')}`
  )
}

function lines(headers: Headers): string {
  let text = ''
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`
  return text
}
