import type Boom from '@hapi/boom'

/** Names in lower case, as Hapi sends them. */
type Headers = Readonly<Record<string, string | number>>

/** An answer without what depends on the client: the origin of its page, and what becomes of its connection. */
export interface Answer {
  readonly statusCode: number
  readonly statusText: string
  /** The headers for the page's origin come behind these. */
  readonly headers: Headers
  /** These come behind those. */
  readonly bodyHeaders: Headers
  /** Empty: there is none. */
  readonly body: Buffer
}

/** What becomes of the connection after an answer: how long it may be idle, or that it ends. */
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

/** An answer as it is written, as latin1, in the words that Node and Hapi have for it. */
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
