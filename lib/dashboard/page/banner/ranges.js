/** @import { Clock } from '../clock.js' */
/** @import { Question, Range, RangeName } from './types.d.ts' */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * The moments of a range that has a name, in milliseconds since the epoch. It holds the running minute, day or month as
 * a whole, and so may end in the future.
 * @param {Exclude<RangeName, 'own'>} name
 * @param {number} nowMs
 * @param {Clock} clock
 * @returns {Range}
 */
export function namedRange(name, nowMs, clock) {
  if (name === 'hour') {
    const toMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS
    return { fromMs: toMs - HOUR_MS, toMs }
  }
  const day = (/** @type {number} */ days) => clock.startOfDay(nowMs, { days })
  const month = (/** @type {number} */ months) => clock.startOfMonth(nowMs, { months })
  return {
    today: () => ({ fromMs: day(0), toMs: day(1) }),
    yesterday: () => ({ fromMs: day(-1), toMs: day(0) }),
    '7days': () => ({ fromMs: day(-6), toMs: day(1) }),
    '30days': () => ({ fromMs: day(-29), toMs: day(1) }),
    month: () => ({ fromMs: month(0), toMs: month(1) }),
    '12months': () => ({ fromMs: month(-11), toMs: month(1) }),
  }[name]()
}

/**
 * The moments of a question's range. NaN where there is none.
 * @param {Question} question
 * @param {number} nowMs
 * @param {Clock} clock
 */
export function rangeOf({ range, from, to }, nowMs, clock) {
  if (range !== 'own') return namedRange(range, nowMs, clock)
  return { fromMs: Date.parse(from), toMs: Date.parse(to) }
}

/** The form of the service and the address, such as 2024-12-12T10:00Z; '' for NaN. @param {number} atMs */
export function isoMinute(atMs) {
  return Number.isNaN(atMs) ? '' : `${new Date(atMs).toISOString().slice(0, 16)}Z`
}

/** A range for people. @param {Range} range @param {Clock} clock */
export function rangeWords({ fromMs, toMs }, clock) {
  const isOfDays = [fromMs, toMs].every(atMs => clock.startOfDay(atMs) === atMs)
  const [first, last] = [clock.date(fromMs), clock.date(toMs - 1)]
  if (isOfDays) return first === last ? first : `${first} – ${last}`
  const end = first === last ? clock.minuteOfDay(toMs) : clock.minute(toMs)
  return `${clock.minute(fromMs)} – ${end}`
}
