import { ORIGIN } from '../entrance/cors.ts'
import { type Facts, factsOf } from '../entrance/facts.ts'

/** The header lines of a request. */
export interface Head {
  /** The empty line included. */
  readonly text: string
  /** Read from a head once, however often the connection sends it again. */
  readonly facts: Facts
  /** As Content-Length says. null: there is none. */
  readonly bodyBytes: number | null
}

/**
 * Reads the header lines at `start`. null: they have not the one shape that is answered ahead of the HTTP
 * parser, or have not arrived in full.
 *
 * `known` is a head that was read before. Most clients send the same head with each request, and comparing
 * costs much less than reading.
 */
type ReadHead = (text: string, start: number, known: Head | null) => Head | null

// RFC 9112, section 5, and RFC 9110, section 5: tokens, no line folding, no bare CR or LF.
const NAME = "[\\w!#$%&'*+.^`|~-]+"
const VALUE = '[\\t\\x20-\\x7e\\x80-\\xff]*'
const KEEP_ALIVE = 'connection:[\\t ]*keep-alive[\\t ]*'
const HOST = 'host:[\\t ]*((?:[\\w.-]+|\\[[\\da-f:.]+\\])(?::\\d*)?)[\\t ]*'
/** Digits alone, without zeros in front. All else is for Node's parser to judge: a proxy may read it otherwise. */
const LENGTH = 'content-length:[\\t ]*(0|[1-9]\\d{0,4})'

const CR = 0x0d

/**
 * Makes the reader of heads without any of `fields` but Host, Origin, Accept, Content-Length and
 * `Connection: keep-alive`; Host once, and each of the next three once at most.
 */
export function headReader(fields: readonly string[]): ReadHead {
  const harmless = `(?!(?:${fields.join('|')}):)${NAME}:${VALUE}`
  const harmlessLines = new RegExp(`(?:(?:${harmless}|${KEEP_ALIVE})\\r\\n)*`, 'iy')
  const otherLine = new RegExp(
    `(?:${HOST}|origin:[\\t ]*(${ORIGIN})[\\t ]*|${LENGTH}|accept:(${VALUE}))\\r\\n`,
    'iy',
  )
  return (text, start, known) => {
    // A slice, because startsWith compares one character at a time.
    if (known !== null && text.slice(start, start + known.text.length) === known.text) return known
    let host: string | undefined
    let origin: string | undefined
    let length: string | undefined
    let accept: string | undefined
    for (let at = start; ; at = otherLine.lastIndex) {
      harmlessLines.lastIndex = at
      harmlessLines.test(text)
      otherLine.lastIndex = harmlessLines.lastIndex
      // The empty line: to look for another one there would take as long as to find one.
      if (text.charCodeAt(otherLine.lastIndex) === CR) break
      const line = otherLine.exec(text)
      if (line === null) break
      // Node joins two Origin fields to one value, which is not an origin, and two Accept fields to one list. Two
      // of the others are a mistake.
      if ((line[1] && host) || (line[2] && origin) || (line[3] && length)) return null
      if (line[4] !== undefined && accept !== undefined) return null
      host ??= line[1]
      origin ??= line[2]
      length ??= line[3]
      accept ??= line[4]
    }
    const end = harmlessLines.lastIndex
    if (host === undefined || !text.startsWith('\r\n', end)) return null
    return {
      text: text.slice(start, end + 2),
      // No other field that a rule reads has passed, so these facts are all.
      facts: factsOf({ origin, accept }),
      bodyBytes: length === undefined ? null : Number(length),
    }
  }
}
