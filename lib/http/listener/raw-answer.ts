import type Boom from '@hapi/boom'

/** What becomes of the connection after an answer: how long it may be idle, or that it ends. */
export type Persistence = { readonly keepAliveMs: number } | 'close'

/** An answer without a body, in the words that Node and Hapi have for it. */
export function rawAnswer(
  statusLine: string,
  headers: Readonly<Record<string, string | number>>,
  persistence: Persistence,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const connection =
    persistence === 'close'
      ? 'Connection: close\r\n'
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${persistence.keepAliveMs / 1000}\r\n`
  return `HTTP/1.1 ${statusLine}\r\n${lines.join('')}Date: ${new Date().toUTCString()}\r\n${connection}\r\n`
}

/** An error in Hapi's shape, with `headers` besides its own. */
export function rawError(
  error: Boom.Boom,
  persistence: Persistence,
  headers: Readonly<Record<string, string>> = {},
): string {
  const { statusCode, payload } = error.output
  const body = JSON.stringify(payload)
  return rawAnswer(`${statusCode} ${payload.error}`, errorHeaders(error, body, headers), persistence) + body
}

export function errorHeaders(
  { output }: Boom.Boom,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Record<string, string | number> {
  return {
    ...(output.headers as Record<string, string | number>),
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-cache',
    'content-length': Buffer.byteLength(body),
  }
}
