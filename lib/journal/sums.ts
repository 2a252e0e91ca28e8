import type { Snapshot } from '../ring/ring.ts'

/** Clicks by minute, then banner. */
export class Sums {
  readonly #byMinute = new Map<number, Map<number, number>>()

  add(minute: number, bannerId: number, clicks: number): void {
    let byBanner = this.#byMinute.get(minute)
    if (byBanner === undefined) this.#byMinute.set(minute, (byBanner = new Map()))
    byBanner.set(bannerId, (byBanner.get(bannerId) ?? 0) + clicks)
  }

  /** Ascending by banner, then minute, in shared memory. */
  snapshot(): Snapshot {
    const minutes = [...this.#byMinute.keys()].sort((a, b) => a - b)
    const keys = this.#sortedKeys(minutes)
    const snapshot = {
      bannerIds: new Int32Array(new SharedArrayBuffer(keys.length * 4)),
      minutes: new Int32Array(new SharedArrayBuffer(keys.length * 4)),
      clicks: new Float64Array(new SharedArrayBuffer(keys.length * 8)),
    }
    keys.forEach((key, row) => {
      const bannerId = Math.floor(key / minutes.length)
      const minute = minutes[key % minutes.length]!
      snapshot.bannerIds[row] = bannerId
      snapshot.minutes[row] = minute
      snapshot.clicks[row] = this.#byMinute.get(minute)!.get(bannerId)!
    })
    return snapshot
  }

  /**
   * banner × number of minutes + rank of its minute: sorted as numbers, they are sorted by banner, then
   * minute. Whole numbers below 2^53 as long as there are fewer than 2^22 minutes, which is eight years.
   */
  #sortedKeys(minutes: readonly number[]): Float64Array {
    const count = minutes.reduce((sum, minute) => sum + this.#byMinute.get(minute)!.size, 0)
    const keys = new Float64Array(count)
    let next = 0
    minutes.forEach((minute, rank) => {
      for (const bannerId of this.#byMinute.get(minute)!.keys())
        keys[next++] = bannerId * minutes.length + rank
    })
    return keys.sort()
  }
}
