/** @import { Health, Sample } from './types.d.ts' */

export const WINDOW_SECONDS = 900
/** No line joins two samples that are further apart: samples are missing between them. */
const GAP_SECONDS = 4
/** The span of the service's own rate of accepted clicks, because the two rates are shown together. */
const RATE_SPAN_SECONDS = 10
const STORAGE_KEY = 'clickcounter.samples'

/** The samples of the last fifteen minutes, oldest first. They survive a reload of the page in its tab. */
export class History {
  /** @type {Sample[]} */
  samples = []

  /** @param {Sample} sample */
  add(sample) {
    // When the clock has been put back, samples of the future are dropped.
    this.samples = this.samples.filter(({ atSeconds }) => atSeconds < sample.atSeconds)
    const last = this.samples.at(-1)
    if (last !== undefined && sample.atSeconds - last.atSeconds > GAP_SECONDS)
      this.samples.push(gapAt(last.atSeconds + 1))
    this.samples.push(sample)
    const oldest = sample.atSeconds - WINDOW_SECONDS
    this.samples.splice(
      0,
      this.samples.findIndex(({ atSeconds }) => atSeconds >= oldest),
    )
  }

  /** @param {{ setItem(name: string, value: string): unknown }} storage of the tab */
  save(storage) {
    storage.setItem(STORAGE_KEY, JSON.stringify(this.samples))
  }

  /** @param {{ getItem(name: string): string | null }} storage the tab's @param {number} nowSeconds */
  restore(storage, nowSeconds) {
    /** @type {Sample[]} */
    const saved = JSON.parse(storage.getItem(STORAGE_KEY) ?? '[]')
    this.samples = saved.filter(
      ({ atSeconds }) => atSeconds <= nowSeconds && atSeconds >= nowSeconds - WINDOW_SECONDS,
    )
  }
}

/**
 * @param {Health} health
 * @param {number} atSeconds
 * @param {readonly Sample[]} before oldest first
 * @returns {Sample}
 */
export function sampleOf(health, atSeconds, before) {
  const { clicks, http, flush, journal, database, threads } = health
  const percents = threads.map(({ utilization }) => utilization * 100)
  return {
    atSeconds,
    clicksPerSecond: clicks.perSecond,
    stored: clicks.stored,
    storedPerSecond: storedPerSecond(clicks.stored, atSeconds, before),
    pending: clicks.pending,
    // 0: no click came in the last minute.
    p50Ms: http.latencyMs.p50 || null,
    p99Ms: http.latencyMs.p99 || null,
    p999Ms: http.latencyMs.p999 || null,
    // While flushes fail, lastDurationMs is that of an old flush.
    flushMs: flush.lastAt === null || flush.lastError !== null ? null : flush.lastDurationMs,
    journalBytes: journal.bytes,
    oldestSeconds: journal.oldestSeconds,
    databaseUp: database.status === 'unknown' ? null : Number(database.status === 'up'),
    busiestPercent: Math.max(...percents),
    meanPercent: percents.reduce((sum, percent) => sum + percent, 0) / percents.length,
    delayMs: Math.max(...threads.map(({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms)),
  }
}

/**
 * Clicks stored per second. null when no sample is about ten seconds old, or when the service has restarted
 * since.
 * @param {number} stored
 * @param {number} atSeconds
 * @param {readonly Sample[]} before
 */
function storedPerSecond(stored, atSeconds, before) {
  const then = before.findLast(sample => sample.atSeconds <= atSeconds - RATE_SPAN_SECONDS)
  if (then === undefined || then.stored === null || then.stored > stored) return null
  const seconds = atSeconds - then.atSeconds
  return seconds > RATE_SPAN_SECONDS + GAP_SECONDS ? null : (stored - then.stored) / seconds
}

/** @param {number} atSeconds @returns {Sample} */
export function gapAt(atSeconds) {
  return {
    atSeconds,
    clicksPerSecond: null,
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
