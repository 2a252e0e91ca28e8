const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const QUESTION_MARK = 0x3f
const MAX_ASCII = 0x7f
/** The parser refuses a request line with this byte. */
const NUL = '\0'

/**
 * Changes a request line on its way to Node's parser, in two places. The parser takes several spaces for one,
 * so each further space becomes a byte that the parser refuses. The parser refuses a query with bytes beyond
 * ASCII, although nobody reads it, so they are percent-encoded.
 */
export class RequestLine {
  #hasBegun = false
  #isInQuery = false
  #previous = LF
  /** Indexes in the piece of the bytes to change. */
  #changes: number[] = []

  /** Whether a byte of it has come. Empty lines before it do not count. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** Reads on. Returns the index behind the end of the line; -1: it does not end in this piece. */
  read(piece: Buffer): number {
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!
      if (!this.#hasBegun && (byte === CR || byte === LF)) continue
      if (byte === LF) return at + 1
      if (byte === SPACE && this.#previous === SPACE) this.#changes.push(at)
      else if (byte > MAX_ASCII && this.#isInQuery) this.#changes.push(at)
      else if (byte === QUESTION_MARK) this.#isInQuery = true
      this.#hasBegun = true
      this.#previous = byte
    }
    return -1
  }

  /** What the parser gets in place of `piece`. To be called after read(piece). */
  changed(piece: Buffer): Buffer {
    const changes = this.#changes
    if (changes.length === 0) return piece
    // Forgotten at once: an index takes several times the memory of its byte, and the rest may come late.
    this.#changes = []
    const text = piece.toString('latin1')
    let changed = ''
    let from = 0
    for (const at of changes) {
      changed += text.slice(from, at) + (piece[at] === SPACE ? NUL : `%${piece[at]!.toString(16)}`)
      from = at + 1
    }
    return Buffer.from(changed + text.slice(from), 'latin1')
  }
}
