/** @import { RowClicks } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */
import { isoMinute } from '../banner/ranges.js'
import { readSums } from './api.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * Today and yesterday, in the zone of the clock, in milliseconds since the epoch. Today ends after the running minute.
 * @param {number} nowMs
 * @param {Clock} clock
 */
export function days(nowMs, clock) {
  const todayMs = clock.startOfDay(nowMs)
  return {
    yesterdayMs: clock.startOfDay(todayMs - 1),
    todayMs,
    endMs: Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS,
  }
}

/** The clicks of the rows on screen. An answer has one sum a banner, so each day is a question. */
export class Clicks {
  #clock
  /** Of which rows and day the sums of yesterday are known. They hardly change: they are asked for once an hour. */
  #known = ''
  /** @type {ReadonlyMap<number, number>} */
  #yesterday = new Map()

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock
  }

  /**
   * @param {readonly number[]} ids at least one
   * @param {AbortSignal} signal
   * @returns {Promise<RowClicks>} rejects with Refused
   */
  async ask(ids, signal) {
    const nowMs = Date.now()
    const { yesterdayMs, todayMs, endMs } = days(nowMs, this.#clock)
    const sums = async (/** @type {number} */ fromMs, /** @type {number} */ toMs) => {
      const { banners } = await readSums({ ids, from: isoMinute(fromMs), to: isoMinute(toMs) }, signal)
      return new Map(banners.map(({ bannerId, total }) => [bannerId, total]))
    }
    const what = `${yesterdayMs} ${Math.floor(nowMs / HOUR_MS)} ${ids}`
    const [today, yesterday] = await Promise.all([
      sums(todayMs, endMs),
      what === this.#known ? this.#yesterday : sums(yesterdayMs, todayMs),
    ])
    this.#known = what
    this.#yesterday = yesterday
    return { today, yesterday }
  }
}
