import type { IncomingHttpHeaders } from 'node:http'

const LF = 0x0a
const CR = 0x0d
const LINE_END_BYTES = 2
const LOWER_CASE = 0x20
/** An empty line, and the end of the line before it. */
const EMPTY_LINE = Buffer.from('\n\r\n')

type Part = 'head' | 'counted body' | 'size of a chunk' | 'chunk' | 'trailers'

/**
 * Foresees where Node's parser will reach the end of a head, and of the body after it. It decides nothing:
 * the caller checks that the parser has reached the same end.
 */
export class RequestFraming {
  #part: Part = 'head'
  /** How many bytes of EMPTY_LINE were the last bytes read. */
  #foundBytes = 1
  /** Bytes left of a counted body, or of a chunk with its line end. Before a chunk: its size so far. */
  #leftBytes = 0
  /** In the line of a size: its digits have ended. The rest is an extension, and no digit in it counts. */
  #isBehindDigits = false

  /** To be called behind a request line. */
  startHead(): void {
    this.#part = 'head'
    this.#foundBytes = 1
  }

  /** To be called behind a head with these fields. */
  startBody(headers: IncomingHttpHeaders): void {
    const length = headers['content-length']
    if (length === undefined) this.#startSize()
    else {
      this.#part = 'counted body'
      this.#leftBytes = Number(length)
    }
  }

  /** Reads on from `from`. Returns the index behind the head or body; -1: it does not end in this piece. */
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
        this.#startSize()
      }
    }
    return -1
  }

  #emptyLineEnd(piece: Buffer, from: number): number {
    let at = from
    // Byte by byte while an empty line may have begun, perhaps in the piece before.
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

  #startSize(): void {
    this.#part = 'size of a chunk'
    this.#leftBytes = 0
    this.#isBehindDigits = false
  }

  /** Keeps a number and not the digits, because the parser takes any number of zeros before a size. */
  #readChunkSize(piece: Buffer, from: number): number {
    const lineEnd = piece.indexOf(LF, from)
    const end = lineEnd < 0 ? piece.length : lineEnd
    for (let at = from; at < end && !this.#isBehindDigits; at++) {
      const digit = hexDigit(piece[at]!)
      if (digit < 0) this.#isBehindDigits = true
      else this.#leftBytes = this.#leftBytes * 16 + digit
    }
    if (lineEnd < 0) return end
    this.#part = this.#leftBytes === 0 ? 'trailers' : 'chunk'
    this.#foundBytes = 1
    this.#leftBytes += LINE_END_BYTES
    return lineEnd + 1
  }
}

/** The value of a hexadecimal digit; -1: the byte is none. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | LOWER_CASE
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1
}

function bytesOfEmptyLine(piece: Buffer): number {
  if (piece.at(-1) === LF) return 1
  return piece.at(-1) === CR && piece.at(-2) === LF ? 2 : 0
}
