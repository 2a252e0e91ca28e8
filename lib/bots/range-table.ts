import { addressWords } from './address-words.ts'

/**
 * Ranges of one family, for a search in halves: 17 steps for 100 000 ranges, where `net.BlockList` looks at each.
 * Each range is its first and its last address. They are sorted, and none touches another one (see pack-ranges.ts).
 */
export class RangeTable {
  /** `wordCount` words of the first address and as many of the last one, range after range. */
  readonly #packed: Uint32Array
  readonly #wordCount: number

  constructor(packed: Uint32Array, wordCount: number) {
    this.#packed = packed
    this.#wordCount = wordCount
  }

  /** Whether a range has the address that was read last. It must be of this family. */
  hasRead(): boolean {
    const rangeWords = 2 * this.#wordCount
    let low = 0
    let high = this.#packed.length / rangeWords
    // Before `low` all ranges begin at the address or below it, from `high` on none does.
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(middle * rangeWords) <= 0) low = middle + 1
      else high = middle
    }
    return low > 0 && this.#compare((low - 1) * rangeWords + this.#wordCount) >= 0
  }

  /** Below 0, 0 or above 0: the address at this index is before the one that was read, the same, or behind it. */
  #compare(index: number): number {
    for (let word = 0; word < this.#wordCount; word++) {
      const difference = this.#packed[index + word]! - addressWords[word]!
      if (difference !== 0) return difference
    }
    return 0
  }
}
