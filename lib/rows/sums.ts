import { hashOf, newSeed } from '../base/seeded-hash.ts'
import type { Rows } from './rows.ts'

const FIRST_ROWS = 512

/**
 * Clicks by banner and minute, in rows that are numbered in the order in which they first come: for what a thread
 * counts in a tick, and for what a recovery reads, a million rows perhaps.
 *
 * Clients choose the banners, so the hash has a seed that nobody knows: V8's own Map of numbers has none, and 16 000
 * ids that were chosen for it hold a thread for half a second. Open addressing in typed arrays, which costs less
 * than a Map with any ids.
 */
export class Sums {
  /** Columns: the first `rows` of each are in use. */
  bannerIds = new Int32Array(FIRST_ROWS)
  minutes = new Int32Array(FIRST_ROWS)
  clicks = new Float64Array(FIRST_ROWS)
  rows = 0
  readonly #seed = newSeed()
  /** By hash: number of a row, from 1 on; 0: free. At least half of them are, so that probes stay short. */
  #slots = new Int32Array(2 * FIRST_ROWS)
  #slotOfRow = new Int32Array(FIRST_ROWS)
  #hashShift = 32 - Math.log2(2 * FIRST_ROWS)

  add(minute: number, bannerId: number, clicks: number): void {
    const slot = this.#slotOf(minute, bannerId)
    const row = this.#slots[slot]! - 1
    if (row >= 0) this.clicks[row]! += clicks
    else this.#append(slot, minute, bannerId, clicks)
  }

  /** Takes time by the rows in use, whatever number of them there was before. */
  clear(): void {
    for (let row = 0; row < this.rows; row++) this.#slots[this.#slotOfRow[row]!] = 0
    this.rows = 0
  }

  /** Ascending by banner, then minute. */
  snapshot(): Rows {
    const minutes = this.#distinctMinutes()
    const keys = this.#sortedKeys(minutes)
    const snapshot = {
      bannerIds: new Int32Array(keys.length),
      minutes: new Int32Array(keys.length),
      clicks: new Float64Array(keys.length),
    }
    keys.forEach((key, row) => {
      const bannerId = Math.floor(key / minutes.length)
      const minute = minutes[key % minutes.length]!
      snapshot.bannerIds[row] = bannerId
      snapshot.minutes[row] = minute
      snapshot.clicks[row] = this.clicks[this.#slots[this.#slotOf(minute, bannerId)]! - 1]!
    })
    return snapshot
  }

  /** Ascending. The clock has made them, and they are few: a Set will do. */
  #distinctMinutes(): number[] {
    return [...new Set(this.minutes.subarray(0, this.rows))].sort((a, b) => a - b)
  }

  /**
   * banner × number of minutes + rank of its minute: sorted as numbers, they are sorted by banner, then
   * minute. Whole numbers below 2^53 as long as there are fewer than 2^22 minutes, which is eight years.
   */
  #sortedKeys(minutes: readonly number[]): Float64Array {
    const ranks = new Map(minutes.map((minute, rank) => [minute, rank]))
    const keys = new Float64Array(this.rows)
    for (let row = 0; row < this.rows; row++)
      keys[row] = this.bannerIds[row]! * minutes.length + ranks.get(this.minutes[row]!)!
    return keys.sort()
  }

  /** The slot of the pair's row, or the free one where that belongs. */
  #slotOf(minute: number, bannerId: number): number {
    const mask = this.#slots.length - 1
    let slot = hashOf(hashOf(bannerId, this.#seed) ^ minute, this.#seed) >>> this.#hashShift
    for (;;) {
      const row = this.#slots[slot]! - 1
      if (row < 0 || (this.bannerIds[row] === bannerId && this.minutes[row] === minute)) return slot
      slot = (slot + 1) & mask
    }
  }

  #append(freeSlot: number, minute: number, bannerId: number, clicks: number): void {
    let slot = freeSlot
    if (this.rows === this.bannerIds.length) {
      this.#grow()
      slot = this.#slotOf(minute, bannerId)
    }
    const row = this.rows++
    this.bannerIds[row] = bannerId
    this.minutes[row] = minute
    this.clicks[row] = clicks
    this.#place(row, slot)
  }

  #place(row: number, slot: number): void {
    this.#slots[slot] = row + 1
    this.#slotOfRow[row] = slot
  }

  #grow(): void {
    const { bannerIds, minutes, clicks } = this
    this.bannerIds = new Int32Array(2 * bannerIds.length)
    this.minutes = new Int32Array(2 * bannerIds.length)
    this.clicks = new Float64Array(2 * bannerIds.length)
    this.bannerIds.set(bannerIds)
    this.minutes.set(minutes)
    this.clicks.set(clicks)
    this.#slots = new Int32Array(2 * this.#slots.length)
    this.#slotOfRow = new Int32Array(2 * bannerIds.length)
    this.#hashShift--
    for (let row = 0; row < this.rows; row++)
      this.#place(row, this.#slotOf(this.minutes[row]!, this.bannerIds[row]!))
  }
}
