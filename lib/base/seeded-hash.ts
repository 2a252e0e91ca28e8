import { randomInt } from 'node:crypto'

/** A seed that nobody outside this process knows. */
export function newSeed(): number {
  return randomInt(2 ** 32) | 0
}

/**
 * A hash of 32 bits; tables use the upper ones. It has a seed because clients choose the ids: with a hash
 * that they can compute, one bulk whose banners all fall on one place would block its thread for half a
 * second. The mixing is MurmurHash3's, without its first and last step.
 */
export function hashOf(bannerId: number, seed: number): number {
  const product = Math.imul(bannerId ^ seed, 0x85ebca6b)
  return Math.imul(product ^ (product >>> 13), 0xc2b2ae35)
}
