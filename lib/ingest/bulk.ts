import { hashOf, newSeed } from '../base/seeded-hash.ts'
import { CLICK_CLASSES, type ClickClass, VALID } from '../rows/classes.ts'
import type { BulkPart, Pairs } from '../rows/keyed-bulk.ts'

/** Clicks that came in one request, of all classes. They are counted together or not at all. */
export interface Bulk extends Pairs {
  /** The same by class: those that it has clicks of. */
  readonly parts: readonly BulkPart[]
}

/** One entry, as it is summed up. */
export interface Summand {
  readonly id: number
  /** Clicks; 1 when it is missing. */
  readonly count?: number
}

export const MAX_ENTRIES = 10_000

/** The bulk of 1 … MAX_ENTRIES entries, which must be sound. `classes`: of each entry; null: all are valid. */
export function bulkOf(entries: readonly Summand[], classes: readonly ClickClass[] | null): Bulk {
  const all = sumUp(entries)
  if (classes === null) return { ...all, parts: [{ ...all, clickClass: VALID }] }
  const parts = CLICK_CLASSES.flatMap(clickClass => {
    const own = entries.filter((_, nth) => classes[nth] === clickClass)
    return own.length === 0 ? [] : [{ ...sumUp(own), clickClass }]
  })
  return { ...all, parts }
}

/** By hash of a banner: the index in `pairs` behind its pair; 0: the banner has no pair yet. */
const ends = new Int32Array(2 ** 15)
const pairs = new Int32Array(2 * MAX_ENTRIES)
const seed = newSeed()

/**
 * Sums up 1 … MAX_ENTRIES entries, which must be sound. The table is open-addressed, at most half full, and
 * small enough for the processor's cache: it costs a fraction of a Map.
 */
export function sumUp(entries: readonly Summand[]): Pairs {
  const bits = 32 - Math.clz32(2 * entries.length - 1)
  const mask = 2 ** bits - 1
  let used = 0
  let clicks = 0
  for (const { id, count = 1 } of entries) {
    clicks += count
    let position = hashOf(id, seed) >>> (32 - bits)
    while (ends[position] !== 0 && pairs[ends[position]! - 2] !== id) position = (position + 1) & mask
    const end = ends[position]!
    if (end !== 0) pairs[end - 1]! += count
    else {
      pairs[used] = id
      pairs[used + 1] = count
      ends[position] = used += 2
    }
  }
  ends.fill(0, 0, mask + 1)
  return { pairs: pairs.slice(0, used), clicks }
}
