/** @import { Clock } from '../clock.js' */
/** @import { Entry, Range, Step } from './types.d.ts' */
import { minutesOf } from './steps.js'

const MINUTE_MS = 60_000
/** No click is older than the epoch. Beyond that there would be nothing but zeros. */
const EARLIEST_MS = 0

/**
 * The whole steps from one to another.
 * @param {readonly Entry[]} entries
 * @param {number} one index
 * @param {number} other index
 * @returns {Range}
 */
export function rangeOfSteps(entries, one, other) {
  const [first, last] = [entries[Math.min(one, other)], entries[Math.max(one, other)]]
  return { fromMs: first?.startMs ?? 0, toMs: last?.endMs ?? 0 }
}

/** Half of the steps, around one of them. @param {readonly Entry[]} entries @param {number} around index */
export function zoomIn(entries, around) {
  const count = Math.ceil(entries.length / 2)
  const first = Math.min(Math.max(0, around - Math.floor(count / 2)), entries.length - count)
  return rangeOfSteps(entries, first, first + count - 1)
}

/**
 * A range twice as long around another one; it does not end later than that, or than now.
 * @param {Range} range
 * @param {Step} step
 * @param {number} nowMs
 * @param {Clock} clock
 * @returns {Range}
 */
export function zoomOut({ fromMs, toMs }, step, nowMs, clock) {
  const lengthMs = toMs - fromMs
  const endMs = Math.max(toMs, Math.min(toMs + lengthMs / 2, nowMs))
  return {
    fromMs: stepsLater(step, Math.max(EARLIEST_MS, endMs - 2 * lengthMs), 0, clock),
    toMs: endMs === toMs ? toMs : stepsLater(step, endMs, 1, clock),
  }
}

/**
 * The range half its length earlier or later. Days and months stay whole.
 * @param {Range} range
 * @param {Step} step
 * @param {-1 | 1} way
 * @param {Clock} clock
 * @returns {Range}
 */
export function pan({ fromMs, toMs }, step, way, clock) {
  const count = way * Math.max(1, Math.round((toMs - fromMs) / 2 / MINUTE_MS / minutesOf(step)))
  const moved = {
    fromMs: stepsLater(step, fromMs, count, clock),
    toMs: stepsLater(step, toMs, count, clock),
  }
  return moved.fromMs < EARLIEST_MS ? { fromMs, toMs } : moved
}

/**
 * The start of the step that the moment is in, or of one so many steps later. Weeks begin on any day.
 * @param {Step} step
 * @param {number} atMs
 * @param {number} count
 * @param {Clock} clock
 */
function stepsLater(step, atMs, count, clock) {
  if (step === 'month') return clock.startOfMonth(atMs, { months: count })
  if (step === 'week') return clock.startOfDay(atMs, { days: 7 * count })
  if (step === 'day') return clock.startOfDay(atMs, { days: count })
  const unitMs = minutesOf(step) * MINUTE_MS
  const laterMs = atMs + count * unitMs
  return laterMs - (clock.wallMs(laterMs) % unitMs)
}
