import type { IncomingHttpHeaders } from 'node:http'

const LF = 0x0a
const CR = 0x0d
const LINE_END_BYTES = 2
/** Behind the end of the line before. */
const EMPTY_LINE = Buffer.from('\n\r\n')

type Part = 'head' | 'counted body' | 'size of a chunk' | 'chunk' | 'trailers'

/**
 * Foresees where the parser is going to be done with a head, and with the body behind it. It decides nothing:
 * who asks looks whether the parser has come to the same.
 */
export class RequestFraming {
  #part: Part = 'head'
  /** Of EMPTY_LINE, at the end of what was read. */
  #foundBytes = 1
  /** Of a body with a length, or of a chunk and its line end. */
  #leftBytes = 0
  #chunkSize = ''

  /** Behind a request line. */
  startHead(): void {
    this.#part = 'head'
    this.#foundBytes = 1
  }

  /** Behind a head with these fields. */
  startBody(headers: IncomingHttpHeaders): void {
    const length = headers['content-length']
    this.#part = length === undefined ? 'size of a chunk' : 'counted body'
    this.#leftBytes = Number(length)
  }

  /** Index in `piece` behind the head or the body that goes on at `from`; -1: its end is not in this piece. */
  end(piece: Buffer, from: number): number {
    for (let at = from; at < piece.length; ) {
      if (this.#part === 'head' || this.#part === 'trailers') return this.#emptyLineEnd(piece, at)
      if (this.#part === 'size of a chunk') at = this.#readChunkSize(piece, at)
      else {
        const bytes = Math.min(this.#leftBytes, piece.length - at)
        this.#leftBytes -= bytes
        at += bytes
        if (this.#leftBytes > 0) return -1
        if (this.#part === 'counted body') return at
        this.#part = 'size of a chunk'
      }
    }
    return -1
  }

  #emptyLineEnd(piece: Buffer, from: number): number {
    let at = from
    // Behind the line before, and where the piece before ended within it.
    while (this.#foundBytes > 0 && at < piece.length) {
      const byte = piece[at++]!
      if (byte === EMPTY_LINE[this.#foundBytes]) this.#foundBytes++
      else this.#foundBytes = byte === LF ? 1 : 0
      if (this.#foundBytes === EMPTY_LINE.length) return at
    }
    const found = piece.indexOf(EMPTY_LINE, at)
    if (found >= 0) return found + EMPTY_LINE.length
    if (this.#foundBytes === 0) this.#foundBytes = bytesOfEmptyLine(piece)
    return -1
  }

  #readChunkSize(piece: Buffer, from: number): number {
    const lineEnd = piece.indexOf(LF, from)
    this.#chunkSize += piece.toString('latin1', from, lineEnd < 0 ? piece.length : lineEnd)
    if (lineEnd < 0) return piece.length
    // What follows a semicolon is an extension.
    const bytes = Number.parseInt(this.#chunkSize, 16)
    this.#chunkSize = ''
    this.#part = bytes === 0 ? 'trailers' : 'chunk'
    this.#foundBytes = 1
    this.#leftBytes = bytes + LINE_END_BYTES
    return lineEnd + 1
  }
}

function bytesOfEmptyLine(piece: Buffer): number {
  if (piece.at(-1) === LF) return 1
  return piece.at(-1) === CR && piece.at(-2) === LF ? 2 : 0
}
