/** @import { Sample, ToldHistory } from './types.d.ts' */

export const WINDOW_SECONDS = 900
/** No line joins two samples that are further apart: samples are missing between them. */
const GAP_SECONDS = 4

/** The samples of the last fifteen minutes, oldest first: the service's, and then the page's own. */
export class History {
  /** @type {Sample[]} */
  samples = []

  /** @param {Sample} sample */
  add(sample) {
    // When the clock has been put back, samples of the future are dropped.
    this.samples = this.samples.filter(({ atSeconds }) => atSeconds < sample.atSeconds)
    const last = this.samples.at(-1)
    if (last !== undefined && last.stored !== null && sample.atSeconds - last.atSeconds > GAP_SECONDS)
      this.samples.push(gapAt(last.atSeconds + 1))
    this.samples.push(sample)
    const oldest = sample.atSeconds - WINDOW_SECONDS
    this.samples.splice(
      0,
      this.samples.findIndex(({ atSeconds }) => atSeconds >= oldest),
    )
  }

  /** Whether the seconds before are not known: nobody looked, or there was no answer. @param {number} atSeconds */
  hasGapBefore(atSeconds) {
    const last = this.samples.at(-1)
    return last === undefined || last.stored === null || atSeconds - last.atSeconds > GAP_SECONDS
  }

  /**
   * Puts what the service has told in the place of the page's own samples of that time.
   * @param {readonly Sample[]} told oldest first
   */
  fillIn(told) {
    const [first, last] = [told[0], told.at(-1)]
    if (first === undefined || last === undefined) return
    const own = this.samples
    this.samples = own.filter(({ atSeconds }) => atSeconds < first.atSeconds)
    this.add(first)
    this.samples.push(...told.slice(1))
    for (const sample of own) if (sample.atSeconds > last.atSeconds) this.add(sample)
  }
}

/**
 * The samples of an answer to /health/history, oldest first.
 * @param {ToldHistory} answer
 * @param {number} serviceNowSeconds by the service's clock, when it answered
 * @param {number} nowSeconds the same moment by the page's clock, which its own samples go by
 */
export function samplesOf({ everySeconds, to, samples }, serviceNowSeconds, nowSeconds) {
  if (to === null) return []
  // Both are whole seconds at best: a clock that is right stays as it is.
  const aheadSeconds = Math.round(nowSeconds - serviceNowSeconds)
  const lastSeconds = Date.parse(to) / 1000 + (Math.abs(aheadSeconds) > 1 ? aheadSeconds : 0)
  const length = samples.stored.length
  return Array.from({ length }, (_, index) => {
    const atSeconds = lastSeconds - (length - 1 - index) * everySeconds
    const figures = Object.entries(samples).map(([name, column]) => [name, column[index]])
    return /** @type {Sample} */ ({ ...gapAt(atSeconds), ...Object.fromEntries(figures) })
  })
}

/** @param {number} atSeconds @returns {Sample} */
export function gapAt(atSeconds) {
  return {
    atSeconds,
    clicksPerSecond: null,
    botsPerSecond: null,
    duplicatesPerSecond: null,
    stored: null,
    storedPerSecond: null,
    pending: null,
    p50Ms: null,
    p99Ms: null,
    p999Ms: null,
    flushMs: null,
    journalBytes: null,
    oldestSeconds: null,
    databaseUp: null,
    busiestPercent: null,
    meanPercent: null,
    delayMs: null,
  }
}
