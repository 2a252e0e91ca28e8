import { randomInt } from 'node:crypto'

/** A seed that nobody outside of this process knows. */
export function newSeed(): number {
  return randomInt(2 ** 32) | 0
}

/**
 * 32 bits of a banner id, of which the upper ones say where it goes in a table. Clients choose the ids: with
 * a hash that is the same everywhere, one request of banners that all meet in one place would hold its
 * thread for half a second. The mixing is MurmurHash3's, without its first and last step.
 */
export function hashOf(bannerId: number, seed: number): number {
  const product = Math.imul(bannerId ^ seed, 0x85ebca6b)
  return Math.imul(product ^ (product >>> 13), 0xc2b2ae35)
}
