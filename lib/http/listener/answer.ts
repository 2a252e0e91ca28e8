import type Boom from '@hapi/boom'

/** An answer but for what depends on who asks: the origin of his page, and what becomes of his connection. */
export interface Answer {
  readonly statusCode: number
  readonly statusText: string
  /** Names in lower case, as Hapi sends them; those for the page's origin come behind. */
  readonly headers: Readonly<Record<string, string | number>>
  /** These come last. */
  readonly bodyHeaders: Readonly<Record<string, string | number>>
  /** Empty: there is none. */
  readonly body: Buffer
}

export type Headers = Readonly<Record<string, string | number>>

/** What becomes of the connection after an answer: how long it may be idle, or that it ends. */
export type Persistence = { readonly keepAliveMs: number } | 'close'

/** An error in Hapi's shape. */
export function errorAnswer({ output }: Boom.Boom): Answer {
  const body = Buffer.from(JSON.stringify(output.payload))
  return {
    statusCode: output.statusCode,
    statusText: output.payload.error,
    headers: output.headers as Record<string, string | number>,
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
