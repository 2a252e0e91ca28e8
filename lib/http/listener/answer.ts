import type Boom from '@hapi/boom'
import { KEEP_ALIVE_TIMEOUT_MS } from './limits.ts'

/** Names in lower case, as Hapi sends them. */
export type Headers = Readonly<Record<string, string | number>>

/** What an answer is made of. */
interface AnswerParts {
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

/** An answer without what depends on the client: its page's origin, and whether its connection ends. */
export interface Answer extends AnswerParts {
  /** Its first bytes, up to the headers for the page's origin. As latin1. */
  readonly beginning: string
  /** The bytes behind those headers, up to the Date. As latin1. */
  readonly middle: string
}

/** Puts into words what is the same each time that the answer is written. */
export function prepared(parts: AnswerParts): Answer {
  const { statusCode, statusText, headers, bodyHeaders } = parts
  return {
    ...parts,
    beginning: [`HTTP/1.1 ${statusCode} ${statusText}\r\n`, headerLines(headers)].join(''),
    middle: headerLines(bodyHeaders),
  }
}

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
  return prepared({
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
  })
}

/**
 * The bytes of an answer, as latin1: the same as those that Node and Hapi would write. `originLines`: the headers
 * for the page's origin. The connection goes on, or closes.
 */
export function answerText(
  { beginning, middle, body, isForAnyOrigin }: Answer,
  originLines: string,
  connection: keyof typeof endings,
): string {
  return beginning + (isForAnyOrigin ? originLines : '') + middle + presentEnding(connection) + body
}

export function headerLines(headers: Headers): string {
  const parts: (string | number)[] = []
  for (const name in headers) parts.push(name, ': ', headers[name]!, '\r\n')
  // Not by `+`: V8 would keep the parts, each somewhere in memory, and put them together for each write.
  return parts.join('')
}

/** The bytes of a text in UTF-8, as latin1. Most texts are ASCII, and those are the same. */
function bytesOf(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1')
}

/** The last lines of a head, by what becomes of the connection. */
const endings = { goesOn: '', closes: '' }
let endingsSecond = 0

/** Made once a second: to make it for each of many different answers would cost a tenth of a click. */
function presentEnding(connection: keyof typeof endings): string {
  const nowMs = Date.now()
  const second = Math.floor(nowMs / 1000)
  if (second !== endingsSecond) {
    const date = `Date: ${new Date(nowMs).toUTCString()}\r\n`
    endings.goesOn = `${date}Connection: keep-alive\r\nKeep-Alive: timeout=${KEEP_ALIVE_TIMEOUT_MS / 1000}\r\n\r\n`
    endings.closes = `${date}Connection: close\r\n\r\n`
    endingsSecond = second
  }
  return endings[connection]
}
