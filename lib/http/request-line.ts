const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const QUESTION_MARK = 0x3f
const MAX_ASCII = 0x7f
/** No request line may have it. */
const NUL = '\0'

/**
 * A request line on its way to Node's parser, which takes several spaces for one, and refuses a query with bytes
 * beyond ASCII although nobody reads it. So a space behind a space becomes a byte that the parser refuses, and such
 * a query is percent-encoded.
 */
export class RequestLine {
  #hasBegun = false
  #isInQuery = false
  #previous = LF
  /** By their index in the piece. */
  #changes: [at: number, by: string][] = []

  /** Reads on with `piece`. Returns the index behind the end of the line; -1: it is not in this piece. */
  read(piece: Buffer): number {
    this.#changes = []
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!
      // Empty lines may stand before it.
      if (!this.#hasBegun && (byte === CR || byte === LF)) continue
      if (byte === LF) return at + 1
      if (byte === SPACE && this.#previous === SPACE) this.#changes.push([at, NUL])
      else if (byte > MAX_ASCII && this.#isInQuery) this.#changes.push([at, `%${byte.toString(16)}`])
      else if (byte === QUESTION_MARK) this.#isInQuery = true
      this.#hasBegun = true
      this.#previous = byte
    }
    return -1
  }

  /** What the parser is to have for `piece`, of which the line was just read. */
  changed(piece: Buffer): Buffer {
    if (this.#changes.length === 0) return piece
    const parts: Buffer[] = []
    let from = 0
    for (const [at, by] of this.#changes) {
      parts.push(piece.subarray(from, at), Buffer.from(by))
      from = at + 1
    }
    return Buffer.concat([...parts, piece.subarray(from)])
  }
}
