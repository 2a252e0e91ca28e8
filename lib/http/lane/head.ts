import { ORIGIN } from '../entrance/cors.ts'
import type { FactReader, Facts } from '../entrance/facts.ts'
import { trimmed } from '../entrance/trimmed.ts'
import { meaningfulFields } from './fields.ts'

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

/** One more than the fields that are read here. */
const GROUPS = 7

const CR = 0x0d

/**
 * Makes the reader of heads without any meaningful field but Host, Origin, Accept, User-Agent, X-Forwarded-For,
 * Content-Length and `Connection: keep-alive`; Host once, and each of the next five once at most. What `facts` does
 * not read of these is as harmless as any other field.
 */
export function headReader(facts: FactReader): ReadHead {
  const harmless = `(?!(?:${meaningfulFields(facts.fields).join('|')}):)${NAME}:${VALUE}`
  const harmlessLines = new RegExp(`(?:(?:${harmless}|${KEEP_ALIVE})\\r\\n)*`, 'iy')
  const otherLine = new RegExp(
    `(?:${HOST}|origin:[\\t ]*(${ORIGIN})[\\t ]*|${LENGTH}|accept:(${VALUE})|user-agent:(${VALUE})|x-forwarded-for:(${VALUE}))\\r\\n`,
    'iy',
  )
  return (text, start, known) => {
    // A slice, because startsWith compares one character at a time.
    if (known !== null && text.slice(start, start + known.text.length) === known.text) return known
    /** By their groups in `otherLine`. */
    const values = Array<string | undefined>(GROUPS)
    for (let at = start; ; at = otherLine.lastIndex) {
      harmlessLines.lastIndex = at
      harmlessLines.test(text)
      otherLine.lastIndex = harmlessLines.lastIndex
      // The empty line: to look for another one there would take as long as to find one.
      if (text.charCodeAt(otherLine.lastIndex) === CR) break
      const line = otherLine.exec(text)
      if (line === null) break
      const group = groupOf(line)
      // Node joins two Origin fields to one value, which is not an origin, and two of Accept or X-Forwarded-For to one
      // list. Of two User-Agents it keeps the first. Two of the others are a mistake.
      if (values[group] !== undefined) return null
      values[group] = line[group]
    }
    const end = harmlessLines.lastIndex
    const [, host, origin, length, accept, userAgent, forwardedFor] = values
    if (host === undefined || !text.startsWith('\r\n', end)) return null
    return {
      text: text.slice(start, end + 2),
      // No other field that a rule reads has passed, so these facts are all.
      facts: facts.read({
        origin,
        accept,
        'user-agent': userAgent && trimmed(userAgent),
        'x-forwarded-for': forwardedFor && trimmed(forwardedFor),
      }),
      bodyBytes: length === undefined ? null : Number(length),
    }
  }
}

/** The one group that has matched. */
function groupOf(line: RegExpExecArray): number {
  let group = 1
  while (line[group] === undefined) group++
  return group
}
