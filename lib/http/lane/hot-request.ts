import { MAX_BODY_BYTES } from '../entrance/click-body.ts'
import type { FactReader } from '../entrance/facts.ts'
import { MAX_HEADER_BYTES } from '../listener/limits.ts'
import { type ClickLine, readClickLine } from './click-line.ts'
import { type Head, headReader } from './head.ts'

export interface HotRequest {
  readonly line: ClickLine
  readonly head: Head
  /** The index behind its last byte, which may be beyond what has arrived. */
  readonly end: number
}

/**
 * Reads the request that begins at `start` of `text`. A character of `text` is a byte of the connection.
 * Returns null when the request has not one of the shapes that are answered ahead of the HTTP parser, or when
 * its head has not arrived in full. `knownHead`: see head.ts.
 */
type ParseHotRequest = (text: string, start: number, knownHead: Head | null) => HotRequest | null

/**
 * Makes the parser of requests under /counter/ and /click/ that can mean but one thing: a click, or a mistake with one
 * answer. Every other request is for Node's parser, which reads all of HTTP; so is one with a field that `facts` reads
 * and head.ts does not.
 */
export function hotRequestParser(facts: FactReader): ParseHotRequest {
  const readHead = headReader(facts)
  return (text, start, knownHead) => {
    const line = readClickLine(text, start)
    if (line === null) return null
    const head = readHead(text, line.end, knownHead)
    if (head === null) return null
    const headEnd = line.end + head.text.length
    // Node does not count all of these bytes, so the lane never takes a request that Node refuses.
    if (headEnd - start >= MAX_HEADER_BYTES) return null
    if (head.bodyBytes === null) return { line, head, end: headEnd }
    return line.mayHaveBody && head.bodyBytes <= MAX_BODY_BYTES
      ? { line, head, end: headEnd + head.bodyBytes }
      : null
  }
}
