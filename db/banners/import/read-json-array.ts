import { invalidEntry, MAX_ENTRY_BYTES, notUtf8, type Place, tooLong } from '../../text-files/place.ts'
import { UTF_8, withoutMark } from '../../text-files/text-blocks.ts'
import { type Entries, type Entry, parseEntry } from './entry.ts'

/** Bytes of JSON's grammar. */
const [LINE_FEED, QUOTE, BACKSLASH, COMMA] = [10, 34, 92, 44]
const [OPEN, CLOSE, OPEN_BRACE, CLOSE_BRACE] = [91, 93, 123, 125]

/** An array of banners in JSON, on any number of lines. */
export async function* readJsonArray(chunks: AsyncIterable<Buffer>): Entries {
  const scanner = new ArrayScanner()
  for await (const chunk of withoutMark(chunks)) yield scanner.push(chunk)
  scanner.end()
}

/**
 * Cuts an array into its entries, each of which JSON.parse reads. It looks for the commas and the bracket that are in no
 * string and in no entry, and leaves all else to JSON.parse: when each entry is JSON, then so is the array.
 */
class ArrayScanner {
  #state: 'before' | 'inside' | 'behind' = 'before'
  /** Of the byte that is looked at. */
  #line = 1
  /** Where the present entry begins. `line` is 0 as long as nothing but white space has come. */
  #place = { line: 0, entry: 1 }
  /** What has come of the present entry in earlier chunks. */
  #parts: Buffer[] = []
  #partBytes = 0
  /** Brackets and braces that are open in the present entry. */
  #depth = 0
  #isInString = false
  #isEscaped = false

  /** Throws when the array is not whole. */
  end(): void {
    if (this.#state === 'before')
      throw this.#invalid('the file is empty: it should be a JSON array of banners')
    if (this.#state === 'inside')
      throw this.#invalid('the file ends within the array: it is cut off, or lacks a ]')
  }

  /** The entries that end in this chunk. */
  *push(chunk: Buffer): Generator<Entry, void> {
    let begin = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (byte === LINE_FEED) this.#line++
      if (this.#state !== 'inside') {
        this.#passOutside(byte)
        begin = at + 1
      } else if (this.#isInString) this.#passInString(byte)
      else if (this.#depth === 0 && (byte === COMMA || byte === CLOSE)) {
        yield* this.#endEntry(chunk.subarray(begin, at), byte)
        begin = at + 1
      } else this.#passInside(byte)
    }
    if (this.#state === 'inside') this.#keep(chunk.subarray(begin))
  }

  #passOutside(byte: number): void {
    if (isWhite(byte)) return
    if (this.#state === 'behind') throw this.#invalid('something follows the end of the array')
    if (byte !== OPEN)
      throw this.#invalid('an array in JSON begins with [; a banner on each line is the format ndjson')
    this.#state = 'inside'
  }

  #passInString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false
    else if (byte === BACKSLASH) this.#isEscaped = true
    else if (byte === QUOTE) this.#isInString = false
  }

  #passInside(byte: number): void {
    if (this.#place.line === 0 && !isWhite(byte)) this.#place.line = this.#line
    if (byte === QUOTE) this.#isInString = true
    else if (byte === OPEN || byte === OPEN_BRACE) this.#depth++
    // At 0 it is one too many, which JSON.parse will say.
    else if ((byte === CLOSE || byte === CLOSE_BRACE) && this.#depth > 0) this.#depth--
  }

  *#endEntry(lastPart: Buffer, byte: number): Generator<Entry, void> {
    const isEmpty = this.#place.line === 0
    if (isEmpty && (byte === COMMA || this.#place.entry > 1))
      throw this.#invalid('a comma stands where no banner follows or comes before: leave it out')
    if (!isEmpty) {
      this.#keep(lastPart)
      const place: Place = this.#place
      yield { place, body: parseEntry(place, this.#decode(place)) }
    }
    this.#state = byte === COMMA ? 'inside' : 'behind'
    this.#place = { line: 0, entry: this.#place.entry + 1 }
    this.#parts = []
    this.#partBytes = 0
  }

  #keep(part: Buffer): void {
    this.#parts.push(part)
    this.#partBytes += part.length
    if (this.#partBytes > MAX_ENTRY_BYTES) throw tooLong(this.#present())
  }

  #decode(place: Place): string {
    try {
      return UTF_8.decode(Buffer.concat(this.#parts))
    } catch {
      throw notUtf8(place)
    }
  }

  #invalid(fault: string): Error {
    return invalidEntry({ line: this.#line, entry: null }, fault)
  }

  /** The present entry, or where it would begin. */
  #present(): Place {
    return { ...this.#place, line: this.#place.line || this.#line }
  }
}

function isWhite(byte: number): boolean {
  return byte === 32 || byte === LINE_FEED || byte === 13 || byte === 9
}
