import type { Snapshot } from '../ring/ring.ts'

const FIRST_SLOTS = 1024

/**
 * Clicks by banner and minute: an open-addressed hash table in typed arrays, since a recovery adds millions
 * of pairs, and a million rows of Map cost seconds. Banner 0, which no click has, marks a free slot.
 */
export class Sums {
  #bannerIds = new Int32Array(FIRST_SLOTS)
  #minutes = new Int32Array(FIRST_SLOTS)
  #clicks = new Float64Array(FIRST_SLOTS)
  #hashShift = 32 - Math.log2(FIRST_SLOTS)
  #rows = 0

  add(minute: number, bannerId: number, clicks: number): void {
    let slot = this.#slotOf(minute, bannerId)
    if (this.#bannerIds[slot] === 0) {
      // Half of the slots stay free, so that probes stay short.
      if (++this.#rows * 2 > this.#bannerIds.length) {
        this.#grow()
        slot = this.#slotOf(minute, bannerId)
      }
      this.#bannerIds[slot] = bannerId
      this.#minutes[slot] = minute
    }
    this.#clicks[slot]! += clicks
  }

  /** Ascending by banner, then minute. */
  snapshot(): Snapshot {
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
      snapshot.clicks[row] = this.#clicks[this.#slotOf(minute, bannerId)]!
    })
    return snapshot
  }

  #distinctMinutes(): number[] {
    const minutes = new Set<number>()
    this.#bannerIds.forEach((bannerId, slot) => {
      if (bannerId !== 0) minutes.add(this.#minutes[slot]!)
    })
    return [...minutes].sort((a, b) => a - b)
  }

  /**
   * banner × number of minutes + rank of its minute: sorted as numbers, they are sorted by banner, then
   * minute. Whole numbers below 2^53 as long as there are fewer than 2^22 minutes, which is eight years.
   */
  #sortedKeys(minutes: readonly number[]): Float64Array {
    const ranks = new Map(minutes.map((minute, rank) => [minute, rank]))
    const keys = new Float64Array(this.#rows)
    let next = 0
    this.#bannerIds.forEach((bannerId, slot) => {
      if (bannerId !== 0) keys[next++] = bannerId * minutes.length + ranks.get(this.#minutes[slot]!)!
    })
    return keys.sort()
  }

  /** The slot of the pair, or the free one where it belongs. */
  #slotOf(minute: number, bannerId: number): number {
    const mask = this.#bannerIds.length - 1
    // Fibonacci hashing (Knuth, TAOCP 6.4), twice: the upper bits are the mixed ones.
    let slot = Math.imul(Math.imul(bannerId, 0x9e3779b1) ^ minute, 0x9e3779b1) >>> this.#hashShift
    while (
      this.#bannerIds[slot] !== 0 &&
      (this.#bannerIds[slot] !== bannerId || this.#minutes[slot] !== minute)
    )
      slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const [bannerIds, minutes, clicks] = [this.#bannerIds, this.#minutes, this.#clicks]
    this.#bannerIds = new Int32Array(bannerIds.length * 2)
    this.#minutes = new Int32Array(bannerIds.length * 2)
    this.#clicks = new Float64Array(bannerIds.length * 2)
    this.#hashShift--
    bannerIds.forEach((bannerId, from) => {
      if (bannerId === 0) return
      const to = this.#slotOf(minutes[from]!, bannerId)
      this.#bannerIds[to] = bannerId
      this.#minutes[to] = minutes[from]!
      this.#clicks[to] = clicks[from]!
    })
  }
}
