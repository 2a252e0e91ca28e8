import { parseBannerId } from '../entrance/banner-id.ts'
import { ORIGIN } from '../entrance/cors.ts'
import { type Facts, factsOf } from '../entrance/facts.ts'
import { MAX_HEADER_BYTES } from '../listener/limits.ts'
import { meaningfulFields } from './fields.ts'

export interface HotRequest {
  readonly bannerId: number
  /** The index behind its last byte. */
  readonly end: number
  readonly head: Head
}

/** The header lines of a request. */
export interface Head {
  /** The empty line included. */
  readonly text: string
  /** Read from a head once, however often the connection sends it again. */
  readonly facts: Facts
}

// RFC 9112, sections 3 and 5, and RFC 9110, section 5: tokens, no line folding, no bare CR or LF.
const REQUEST_LINE = /GET \/counter\/\d{1,10}(?:\?[\w.~!$&'()*+,;=:@/?%-]*)? HTTP\/1\.1\r\n/y
const ID_OFFSET = 'GET /counter/'.length

/**
 * Matches a whole head without any of `fields` but Host, Origin and `Connection: keep-alive`. Its groups are
 * the origin.
 */
function headPattern(fields: readonly string[]): RegExp {
  const harmless = `(?!(?:${fields.join('|')}):)[\\w!#$%&'*+.^\`|~-]+:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n`
  const keepAlive = 'connection:[\\t ]*keep-alive[\\t ]*\\r\\n'
  const anyFields = `(?:${harmless}|${keepAlive})*`
  const host = 'host:[\\t ]*(?:[\\w.-]+|\\[[\\da-f:.]+\\])(?::\\d*)?[\\t ]*\\r\\n'
  /** It may stand before or behind Host. parseHead refuses two. */
  const maybeOrigin = `(?:origin:[\\t ]*(${ORIGIN})[\\t ]*\\r\\n${anyFields})?`
  return new RegExp(`${anyFields}${maybeOrigin}${host}${anyFields}${maybeOrigin}\\r\\n`, 'iy')
}

/**
 * Reads the request that begins at `start` of `text`. A character of `text` is a byte of the connection.
 * Returns null when the request has not the one shape that is answered ahead of the HTTP parser, or has not
 * arrived in full.
 *
 * `knownHead` is a head that was read before and matched. Most clients send the same head with each request,
 * and comparing costs much less than reading.
 */
type ParseHotRequest = (text: string, start: number, knownHead: Head | null) => HotRequest | null

/**
 * Makes the parser of the one shape: a whole `GET /counter/<id>` that can mean nothing but one click. Every
 * other request is for Node's parser, which reads all of HTTP. `factFields` are the header fields that the
 * rules of the entrance read. A request with any of them but Origin is for Node's parser, too.
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
    // Node does not count all of these bytes, so the lane never takes a request that Node refuses.
    return end - start < MAX_HEADER_BYTES ? { bannerId, end, head } : null
  }
}

function parseHead(pattern: RegExp, text: string, start: number, known: Head | null): Head | null {
  // A slice, because startsWith compares one character at a time.
  if (known !== null && text.slice(start, start + known.text.length) === known.text) return known
  pattern.lastIndex = start
  const match = pattern.exec(text)
  if (match === null) return null
  const [head, before, behind] = match
  // Node joins two Origin fields to one value, which is not an origin.
  if (before !== undefined && behind !== undefined) return null
  const origin = before ?? behind
  // The pattern lets no other field pass that a rule reads, so these facts are all.
  return { text: head, facts: factsOf(origin === undefined ? {} : { origin }) }
}

function digitsAt(text: string, start: number): string {
  let end = start
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end++
  return text.slice(start, end)
}
