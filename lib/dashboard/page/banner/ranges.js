/** @import { Clock } from '../clock.js' */
/** @import { RangeName } from './types.d.ts' */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * The moments of a range that has a name, in milliseconds since the epoch. It holds the running minute, day or month as
 * a whole, and so may end in the future.
 * @param {Exclude<RangeName, 'own'>} name
 * @param {number} nowMs
 * @param {Clock} clock
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
