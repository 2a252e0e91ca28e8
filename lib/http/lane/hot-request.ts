import { parseBannerId } from '../entrance/banner-id.ts'
import { ORIGIN } from '../entrance/cors.ts'
import { type Facts, factsOf } from '../entrance/entrance.ts'
import { MAX_HEADER_BYTES } from '../listener/limits.ts'
import { meaningfulFields } from './fields.ts'

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
  /** Looked at once for a head that the connection sends again. */
  readonly facts: Facts
}

// RFC 9112, sections 3 and 5, and RFC 9110, section 5: tokens, no line folding, no bare CR or LF.
const REQUEST_LINE = /GET \/counter\/\d{1,10}(?:\?[\w.~!$&'()*+,;=:@/?%-]*)? HTTP\/1\.1\r\n/y
const ID_OFFSET = 'GET /counter/'.length

/** Matches a whole head of which `fields` are those that may not be passed unread. Its groups are the origin. */
function headPattern(fields: readonly string[]): RegExp {
  const harmless = `(?!(?:${fields.join('|')}):)[\\w!#$%&'*+.^\`|~-]+:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n`
  const keepAlive = 'connection:[\\t ]*keep-alive[\\t ]*\\r\\n'
  const anyFields = `(?:${harmless}|${keepAlive})*`
  const host = 'host:[\\t ]*(?:[\\w.-]+|\\[[\\da-f:.]+\\])(?::\\d*)?[\\t ]*\\r\\n'
  /** At most one, before or behind Host. */
  const maybeOrigin = `(?:origin:[\\t ]*(${ORIGIN})[\\t ]*\\r\\n${anyFields})?`
  return new RegExp(`${anyFields}${maybeOrigin}${host}${anyFields}${maybeOrigin}\\r\\n`, 'iy')
}

/**
 * Reads a request from `text`, whose characters are the bytes of a connection, at `start`. null: it is not of the
 * one shape that is answered ahead of the HTTP parser, or it has not arrived in full.
 *
 * `knownHead` is a head that was found harmless before. A client sends the same one with each request, and
 * comparing costs much less than reading.
 */
type ParseHotRequest = (text: string, start: number, knownHead: Head | null) => HotRequest | null

/**
 * The parser of the one shape: `GET /counter/<id>` in full, and nothing about it that could make it anything else
 * than one click. Everything else is for Node's parser, which reads all of HTTP. `factFields` are the header fields
 * that the rules of the entrance read. A head with any of them but Origin is left to Node's parser, too.
 */
export function hotRequestParser(factFields: readonly string[]): ParseHotRequest {
  const pattern = headPattern(meaningfulFields(factFields))
  return (text, start, knownHead) => {
    REQUEST_LINE.lastIndex = start
    if (!REQUEST_LINE.test(text)) return null
    const bannerId = parseBannerId(digitsAt(text, start + ID_OFFSET))
    if (bannerId === null) return null
    const headStart = REQUEST_LINE.lastIndex
    const head = parseHead(pattern, text, headStart, knownHead)
    if (head === null) return null
    const end = headStart + head.text.length
    // Node counts a little less than the whole request: the lane never takes more than Node.
    return end - start < MAX_HEADER_BYTES ? { bannerId, end, head } : null
  }
}

function parseHead(pattern: RegExp, text: string, start: number, known: Head | null): Head | null {
  // Not with startsWith, which compares a character at a time.
  if (known !== null && text.slice(start, start + known.text.length) === known.text) return known
  pattern.lastIndex = start
  const match = pattern.exec(text)
  if (match === null) return null
  const [head, before, behind] = match
  // Node joins the two, and that is no origin.
  if (before !== undefined && behind !== undefined) return null
  const origin = before ?? behind
  // The rules read other fields, too. A head with one of those did not match.
  return { text: head, facts: factsOf(origin === undefined ? {} : { origin }) }
}

function digitsAt(text: string, start: number): string {
  let end = start
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++
  return text.slice(start, end)
}
