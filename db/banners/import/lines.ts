import type { Place } from '../../text-files/place.ts'

/** A banner that stands in a file twice. */
interface Repeat {
  readonly id: number
  readonly first: Place
  readonly second: Place
}

/** Ids take 31 bits of a number's 53. */
const ORDINALS = 2 ** 22
/** Banners of one import. */
export const MAX_BANNERS = ORDINALS

/**
 * Remembers where in a file each banner stands. It sorts the ids instead of looking each up: a table keyed by what a file
 * says would need a seed. Holds 12 bytes a banner.
 */
export class Lines {
  #count = 0
  /** The id in the upper bits, its ordinal in the lower ones. */
  #keys = new Float64Array(1024)
  #lines = new Uint32Array(1024)
  #isOfEntries = false

  get count(): number {
    return this.#count
  }

  /** In their order in the file. At most MAX_BANNERS. */
  add(id: number, { line, entry }: Place): void {
    if (this.#count === this.#lines.length) this.#grow()
    this.#keys[this.#count] = id * ORDINALS + this.#count
    this.#lines[this.#count] = line
    this.#isOfEntries = entry !== null
    this.#count++
  }

  /** The one whose second place comes first; null: each banner is there once. */
  firstRepeat(): Repeat | null {
    const keys = this.#keys.slice(0, this.#count).sort()
    let [first, second] = [-1, Number.POSITIVE_INFINITY]
    for (let at = 1; at < keys.length; at++) {
      const [before, ordinal] = [keys[at - 1]!, keys[at]! % ORDINALS]
      if (idOf(before) === idOf(keys[at]!) && ordinal < second) [first, second] = [before, ordinal]
    }
    if (first < 0) return null
    return { id: idOf(first), first: this.#placeOf(first % ORDINALS), second: this.#placeOf(second) }
  }

  #placeOf(ordinal: number): Place {
    return { line: this.#lines[ordinal]!, entry: this.#isOfEntries ? ordinal + 1 : null }
  }

  #grow(): void {
    const [keys, lines] = [this.#keys, this.#lines]
    this.#keys = new Float64Array(keys.length * 2)
    this.#keys.set(keys)
    this.#lines = new Uint32Array(lines.length * 2)
    this.#lines.set(lines)
  }
}

function idOf(key: number): number {
  return Math.floor(key / ORDINALS)
}
