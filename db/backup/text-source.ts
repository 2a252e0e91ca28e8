const LINE_FEED = 10
/** The longest line that is not a row. */
const MAX_LINE_BYTES = 65_536

/** Cuts a text that arrives in chunks into lines and blocks of lines. */
export class TextSource {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /**
   * The next line with its line feed; null when the text ends before a line feed, or the line is too long.
   */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#rest.indexOf(LINE_FEED)
      if (end !== -1) return this.#take(end + 1).toString()
      if (this.#rest.length > MAX_LINE_BYTES || !(await this.#more())) return null
    }
  }

  /**
   * All lines before `lastLine` (which has its line feed), in chunks; then skips that line.
   * Returns whether it was there.
   */
  async *linesUntil(lastLine: string): AsyncGenerator<Buffer, boolean> {
    const behindLine = `\n${lastLine}`
    while (this.#rest.length < lastLine.length && (await this.#more()));
    if (this.#rest.indexOf(lastLine) === 0) {
      this.#take(lastLine.length)
      return true
    }
    for (;;) {
      const found = this.#rest.indexOf(behindLine)
      if (found !== -1) {
        yield this.#take(found + 1)
        this.#take(lastLine.length)
        return true
      }
      // Keep back what may be the beginning of the last line.
      const safeBytes = this.#rest.length - behindLine.length + 1
      if (safeBytes > 0) yield this.#take(safeBytes)
      if (!(await this.#more())) return false
    }
  }

  /** Whether nothing is left. */
  async isAtEnd(): Promise<boolean> {
    return this.#rest.length === 0 && !(await this.#more())
  }

  #take(bytes: number): Buffer {
    const taken = this.#rest.subarray(0, bytes)
    this.#rest = this.#rest.subarray(bytes)
    return taken
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#chunks.next()
    if (done) return false
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value])
    return true
  }
}
