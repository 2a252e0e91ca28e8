import { hashOf, newSeed } from '../../base/seeded-hash.ts'

const BITS = 16

/**
 * Keeps what was made for some banners, each at one place: a banner that comes to the place of another one takes
 * it over. So it is bounded, whatever banners clients ask for.
 */
export class BannerCache<Entry extends { readonly bannerId: number }> {
  readonly #seed = newSeed()
  readonly #entries = Array<Entry | null>(2 ** BITS).fill(null)

  get(bannerId: number): Entry | null {
    const entry = this.#entries[this.#placeOf(bannerId)]!
    return entry !== null && entry.bannerId === bannerId ? entry : null
  }

  put(entry: Entry): void {
    this.#entries[this.#placeOf(entry.bannerId)] = entry
  }

  clear(): void {
    this.#entries.fill(null)
  }

  #placeOf(bannerId: number): number {
    return hashOf(bannerId, this.#seed) >>> (32 - BITS)
  }
}
