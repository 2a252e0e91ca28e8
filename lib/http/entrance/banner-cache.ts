import { hashOf, newSeed } from '../../base/seeded-hash.ts'

const SETS = 2 ** 14
const SET_SHIFT = 32 - Math.log2(SETS)
/** Entries of a set. With so many, 10 000 banners hardly ever drive each other out. */
const ENTRIES = 4
/** An id, and what is kept under it. */
const ENTRY_WORDS = 2
const SET_WORDS = ENTRIES * ENTRY_WORDS

/**
 * Keeps what was made for some banners. Each has the entries of its set, and where these are full, it takes one over.
 * So the cache is bounded, whatever banners clients ask for, and they cannot know which of them share a set.
 */
export class BannerCache<Kept extends object | string> {
  readonly #seed = newSeed()
  /**
   * Set by set, entry by entry: a banner's id, or 0, and what is kept, or null. In one array, because a whole set is then
   * one line of the processor's cache.
   */
  readonly #words = Array<number | Kept | null>(SETS * SET_WORDS)
  /** Which entry of a full set is taken over next. */
  #turn = 0

  constructor() {
    this.clear()
  }

  get(bannerId: number): Kept | null {
    const word = this.#wordOf(bannerId, bannerId)
    return word < 0 ? null : (this.#words[word + 1] as Kept)
  }

  put(bannerId: number, kept: Kept): void {
    const known = this.#wordOf(bannerId, bannerId)
    const free = known < 0 ? this.#wordOf(bannerId, 0) : known
    const word = free < 0 ? this.#nextWordOf(bannerId) : free
    this.#words[word] = bannerId
    this.#words[word + 1] = kept
  }

  clear(): void {
    for (let word = 0; word < this.#words.length; word += ENTRY_WORDS) {
      this.#words[word] = 0
      this.#words[word + 1] = null
    }
  }

  /** Where the banner's set has this id; -1: nowhere. */
  #wordOf(bannerId: number, id: number): number {
    const first = this.#setOf(bannerId)
    for (let word = first; word < first + SET_WORDS; word += ENTRY_WORDS)
      if (this.#words[word] === id) return word
    return -1
  }

  #nextWordOf(bannerId: number): number {
    this.#turn = (this.#turn + 1) % ENTRIES
    return this.#setOf(bannerId) + this.#turn * ENTRY_WORDS
  }

  #setOf(bannerId: number): number {
    return (hashOf(bannerId, this.#seed) >>> SET_SHIFT) * SET_WORDS
  }
}
