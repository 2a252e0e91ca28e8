/** @import { Query, RangeName } from './types.d.ts' */
/** @import { Clock } from './clock.js' */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The question of an address, such as banner=1&range=hour. @param {URLSearchParams} values @returns {Query} */
export function parseQuery(values) {
  const range = /** @type {RangeName} */ (values.get('range') ?? 'hour')
  return {
    banner: values.get('banner') ?? '',
    range: ['hour', 'today', 'week', 'own'].includes(range) ? range : 'hour',
    from: values.get('from') ?? '',
    to: values.get('to') ?? '',
  }
}

/** What the address says of a question. @param {Query} query */
export function queryValues({ banner, range, from, to }) {
  const values = new URLSearchParams()
  if (banner === '') return values
  values.set('banner', banner)
  values.set('range', range)
  if (range === 'own') {
    values.set('from', from)
    values.set('to', to)
  }
  return values
}

/**
 * The moments of a range that has a name, in milliseconds since the epoch. The range ends after the running
 * minute.
 * @param {Exclude<RangeName, 'own'>} name
 * @param {number} nowMs
 * @param {Clock} clock
 */
export function namedRange(name, nowMs, clock) {
  const toMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  if (name === 'today') return { fromMs: clock.startOfDay(nowMs), toMs }
  return { fromMs: toMs - (name === 'hour' ? HOUR_MS : 7 * DAY_MS), toMs }
}

/** The form of the service and the address, such as 2024-12-12T10:00Z; '' for NaN. @param {number} atMs */
export function isoMinute(atMs) {
  return Number.isNaN(atMs) ? '' : `${new Date(atMs).toISOString().slice(0, 16)}Z`
}

/**
 * Minutes with clicks, as columns for a stepped line. The service leaves out minutes without clicks: a zero
 * is put at the start of each gap, and at both ends.
 * @param {readonly { ts: string, v: number }[]} stats
 * @param {number} fromMs
 * @param {number} toMs
 * @returns {[number[], number[]]} seconds since the epoch, clicks
 */
export function columnsOf(stats, fromMs, toMs) {
  /** @type {number[]} */
  const times = []
  /** @type {number[]} */
  const clicks = []
  const put = (/** @type {number} */ seconds, /** @type {number} */ value) => {
    times.push(seconds)
    clicks.push(value)
  }
  let nextSeconds = fromMs / 1000
  for (const { ts, v } of stats) {
    const seconds = Date.parse(ts) / 1000
    if (seconds > nextSeconds) put(nextSeconds, 0)
    put(seconds, v)
    nextSeconds = seconds + 60
  }
  const endSeconds = toMs / 1000
  if (nextSeconds < endSeconds) put(nextSeconds, 0)
  put(endSeconds, 0)
  return [times, clicks]
}
