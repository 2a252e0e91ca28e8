import type { NumberList } from '../../../../db/stats/number-list.ts'

/** A thread is busy with a piece for a tenth of a millisecond. */
export const PIECE_BYTES = 16 * 1024
/** What most texts that are written at once fit in. */
const MORE_BYTES = 1024
const BYTES_OF_A_CHARACTER = 3
const LAST_ASCII = 127

/**
 * Where an answer is written, piece by piece. Whoever writes takes the piece whenever it is full. The bytes are written
 * one by one: joined texts would be garbage, and clicks wait while it is collected.
 */
export class Piece {
  #bytes = newBytes()
  #length = 0

  get isFull(): boolean {
    return this.#length >= PIECE_BYTES
  }

  get isEmpty(): boolean {
    return this.#length === 0
  }

  text(text: string): void {
    this.#makeRoom(text.length * BYTES_OF_A_CHARACTER)
    const bytes = this.#bytes
    let length = this.#length
    for (let at = 0; at < text.length; at++) {
      const character = text.charCodeAt(at)
      if (character > LAST_ASCII) {
        this.#length += bytes.write(text, this.#length)
        return
      }
      bytes[length++] = character
    }
    this.#length = length
  }

  /** The present number of a list. */
  number({ digits, from, to }: NumberList): void {
    this.#makeRoom(to - from)
    const bytes = this.#bytes
    let length = this.#length
    for (let at = from; at < to; at++) bytes[length++] = digits.charCodeAt(at)
    this.#length = length
  }

  /** What was written since the last time. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#bytes = newBytes()
    this.#length = 0
    return taken
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    this.#bytes = Buffer.concat([this.#bytes], this.#length + bytes + MORE_BYTES)
  }
}

function newBytes(): Buffer {
  return Buffer.allocUnsafe(PIECE_BYTES + MORE_BYTES)
}
