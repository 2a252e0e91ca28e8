/** @import { Sample } from '../books/samples.ts' */
/** @import { healthReport } from './report.ts' */

/** The span of the service's own rate of accepted clicks, because the two rates are shown together. */
const RATE_SPAN_SECONDS = 10
/** Samples that are older than this say nothing for the next one: a rate over them would not be one of now. */
export const SECONDS_BEFORE = RATE_SPAN_SECONDS + 4

/**
 * What /health reports, flat. Main makes its samples with it, and the page its own: the page loads this file as
 * sample.js.
 * @param {Pick<ReturnType<typeof healthReport>, 'clicks' | 'http' | 'flush' | 'journal' | 'database' | 'threads'>} health
 * @param {number} atSeconds since the epoch
 * @param {readonly Sample[]} before oldest first
 * @returns {Sample}
 */
export function sampleOf({ clicks, http, flush, journal, database, threads }, atSeconds, before) {
  const percents = threads.map(({ utilization }) => utilization * 100)
  return {
    atSeconds,
    clicksPerSecond: clicks.perSecond,
    // Not known: the answer is an older version's, as behind a balancer during an upgrade.
    botsPerSecond: clicks.perSecondByClass?.bot ?? null,
    duplicatesPerSecond: clicks.perSecondByClass?.duplicate ?? null,
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
    busiestPercent: tenths(Math.max(...percents)),
    meanPercent: tenths(percents.reduce((sum, percent) => sum + percent, 0) / percents.length),
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
  return seconds > SECONDS_BEFORE ? null : tenths((stored - then.stored) / seconds)
}

/** @param {number} value */
function tenths(value) {
  return Math.round(value * 10) / 10
}
