import { hashOf, newSeed } from '../base/seeded-hash.ts'
import { byClass, CLICK_CLASSES, type ClickClass } from './classes.ts'
import { newRows, type Rows } from './rows.ts'

const FIRST_LENGTH = 512

/**
 * Sums clicks by banner, minute and class: what a thread counts in a tick, or what a recovery reads, perhaps
 * a million rows. The columns are public, so that a tick is written without a copy. Their rows are in the
 * order in which the pairs of banner and minute first came.
 *
 * Clients choose the banners, so the hash has a seed that nobody knows. V8's own Map of numbers has no seed:
 * 16 000 ids that were chosen for it hold a thread for half a second. The table is open-addressed and in
 * typed arrays. With any ids, it costs less than a Map.
 */
export class Sums {
  /** The first `rowCount` entries of each column are in use; the other ones of `clicks` are 0. */
  bannerIds = new Int32Array(FIRST_LENGTH)
  minutes = new Int32Array(FIRST_LENGTH)
  clicks = byClass(() => new Float64Array(FIRST_LENGTH))
  rowCount = 0
  /** Clicks of each class in all rows. A class without clicks can be left out. */
  readonly totals = new Float64Array(CLICK_CLASSES.length)
  readonly #seed = newSeed()
  /** By hash: the number of a row, from 1; 0: free. At least half are free, so that probes stay short. */
  #slots = new Int32Array(2 * FIRST_LENGTH)
  #slotOfRow = new Int32Array(FIRST_LENGTH)
  #hashShift = 32 - Math.log2(2 * FIRST_LENGTH)

  add(minute: number, bannerId: number, clickClass: ClickClass, clicks: number): void {
    const slot = this.#slotOf(minute, bannerId)
    const known = this.#slots[slot]! - 1
    const row = known >= 0 ? known : this.#append(slot, minute, bannerId)
    this.clicks[clickClass][row]! += clicks
    this.totals[clickClass]! += clicks
  }

  /** Takes time only for the rows in use, however many there were before. */
  clear(): void {
    for (let row = 0; row < this.rowCount; row++) this.#slots[this.#slotOfRow[row]!] = 0
    for (const clickClass of CLICK_CLASSES)
      if (this.totals[clickClass]! > 0) this.clicks[clickClass].fill(0, 0, this.rowCount)
    this.totals.fill(0)
    this.rowCount = 0
  }

  rows(): Rows {
    const distinctMinutes = this.#distinctMinutes()
    const keys = this.#sortedKeys(distinctMinutes)
    const rows = newRows(keys.length)
    keys.forEach((key, row) => {
      const bannerId = Math.floor(key / distinctMinutes.length)
      const minute = distinctMinutes[key % distinctMinutes.length]!
      rows.bannerIds[row] = bannerId
      rows.minutes[row] = minute
      const from = this.#slots[this.#slotOf(minute, bannerId)]! - 1
      for (const clickClass of CLICK_CLASSES) rows.clicks[clickClass][row] = this.clicks[clickClass][from]!
    })
    return rows
  }

  /** Ascending. They are few and made by the clock, not by clients, so a Set will do. */
  #distinctMinutes(): number[] {
    return [...new Set(this.minutes.subarray(0, this.rowCount))].sort((a, b) => a - b)
  }

  /**
   * A key is banner × number of minutes + rank of its minute. Keys that are sorted as numbers are sorted by
   * banner, then minute. They are whole numbers below 2^53 as long as there are fewer than 2^22 minutes,
   * which is eight years.
   */
  #sortedKeys(minutes: readonly number[]): Float64Array {
    const ranks = new Map(minutes.map((minute, rank) => [minute, rank]))
    const keys = new Float64Array(this.rowCount)
    for (let row = 0; row < this.rowCount; row++)
      keys[row] = this.bannerIds[row]! * minutes.length + ranks.get(this.minutes[row]!)!
    return keys.sort()
  }

  /** The slot of the pair's row. When there is none yet, the free slot where it belongs. */
  #slotOf(minute: number, bannerId: number): number {
    const mask = this.#slots.length - 1
    let slot = hashOf(hashOf(bannerId, this.#seed) ^ minute, this.#seed) >>> this.#hashShift
    for (;;) {
      const row = this.#slots[slot]! - 1
      if (row < 0 || (this.bannerIds[row] === bannerId && this.minutes[row] === minute)) return slot
      slot = (slot + 1) & mask
    }
  }

  /** The number of the new row, which has no clicks yet. */
  #append(freeSlot: number, minute: number, bannerId: number): number {
    let slot = freeSlot
    if (this.rowCount === this.bannerIds.length) {
      this.#grow()
      slot = this.#slotOf(minute, bannerId)
    }
    const row = this.rowCount++
    this.bannerIds[row] = bannerId
    this.minutes[row] = minute
    this.#place(row, slot)
    return row
  }

  #place(row: number, slot: number): void {
    this.#slots[slot] = row + 1
    this.#slotOfRow[row] = slot
  }

  #grow(): void {
    const { bannerIds, minutes, clicks } = this
    const length = 2 * bannerIds.length
    this.bannerIds = new Int32Array(length)
    this.minutes = new Int32Array(length)
    this.clicks = byClass(() => new Float64Array(length))
    this.bannerIds.set(bannerIds)
    this.minutes.set(minutes)
    for (const clickClass of CLICK_CLASSES) this.clicks[clickClass].set(clicks[clickClass])
    this.#slots = new Int32Array(2 * length)
    this.#slotOfRow = new Int32Array(length)
    this.#hashShift--
    for (let row = 0; row < this.rowCount; row++)
      this.#place(row, this.#slotOf(this.minutes[row]!, this.bannerIds[row]!))
  }
}
