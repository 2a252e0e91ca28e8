import { parseBannerId } from '../entrance/banner-id.ts'
import { ORIGIN } from '../entrance/cors.ts'
import { PREFETCH_FIELDS } from '../entrance/prefetch.ts'
import { MAX_HEADER_BYTES } from '../listener/listener.ts'

export interface HotRequest {
  readonly bannerId: number
  /** Behind its last byte. */
  readonly end: number
  readonly head: Head
}

/** The header lines of a request. */
export interface Head {
  /** The empty line included. */
  readonly text: string
  /** Of the page that it comes from; the answer repeats it. null: it says none. */
  readonly origin: string | null
}

/**
 * Fields that change where a request ends, what is to be done with its connection, whether it is a click, or what
 * the answer says.
 * Node's parser takes Proxy-Connection for Connection.
 */
const MEANINGFUL = [
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'origin',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  ...PREFETCH_FIELDS,
]

// RFC 9112, sections 3 and 5, and RFC 9110, section 5: tokens, no line folding, no bare CR or LF.
const REQUEST_LINE = /GET \/counter\/\d{1,10}(?:\?[\w.~!$&'()*+,;=:@/?%-]*)? HTTP\/1\.1\r\n/y
const ID_OFFSET = 'GET /counter/'.length
const HARMLESS = `(?!(?:${MEANINGFUL.join('|')}):)[\\w!#$%&'*+.^\`|~-]+:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n`
const KEEP_ALIVE = 'connection:[\\t ]*keep-alive[\\t ]*\\r\\n'
const FIELDS = `(?:${HARMLESS}|${KEEP_ALIVE})*`
const HOST = 'host:[\\t ]*(?:[\\w.-]+|\\[[\\da-f:.]+\\])(?::\\d*)?[\\t ]*\\r\\n'
/** At most one, before or behind Host. */
const MAYBE_ORIGIN = `(?:origin:[\\t ]*(${ORIGIN})[\\t ]*\\r\\n${FIELDS})?`
const HEAD = new RegExp(`${FIELDS}${MAYBE_ORIGIN}${HOST}${FIELDS}${MAYBE_ORIGIN}\\r\\n`, 'iy')

/**
 * The one shape of request that is answered ahead of the HTTP parser, read from `text`, whose characters are
 * the bytes of a connection, at `start`: `GET /counter/<id>` in full, and nothing about it that could make it
 * anything else than one click. null: something else, or something that has not arrived in full, and
 * for whoever reads all of HTTP to decide.
 *
 * `knownHead` is a head that was found harmless before. A client sends the same one with each request, and
 * comparing costs much less than reading.
 */
export function parseHotRequest(text: string, start: number, knownHead: Head | null): HotRequest | null {
  REQUEST_LINE.lastIndex = start
  if (!REQUEST_LINE.test(text)) return null
  const bannerId = parseBannerId(digitsAt(text, start + ID_OFFSET))
  if (bannerId === null) return null
  const headStart = REQUEST_LINE.lastIndex
  const head = parseHead(text, headStart, knownHead)
  if (head === null) return null
  const end = headStart + head.text.length
  // Node counts a little less than all of it, so this is never more than it takes.
  return end - start < MAX_HEADER_BYTES ? { bannerId, end, head } : null
}

function parseHead(text: string, start: number, known: Head | null): Head | null {
  // Not with startsWith, which compares a character at a time.
  if (known !== null && text.slice(start, start + known.text.length) === known.text) return known
  HEAD.lastIndex = start
  const match = HEAD.exec(text)
  if (match === null) return null
  const [head, before, behind] = match
  // Node joins the two, and that is no origin.
  if (before !== undefined && behind !== undefined) return null
  return { text: head, origin: before ?? behind ?? null }
}

function digitsAt(text: string, start: number): string {
  let end = start
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++
  return text.slice(start, end)
}
