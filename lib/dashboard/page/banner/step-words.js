/** @import { Entry, Step } from './types.d.ts' */
import { utcClock } from '../clock.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

const format = (/** @type {Intl.DateTimeFormatOptions} */ parts) =>
  new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: 'UTC' })
const weekday = format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
const month = format({ month: 'long', year: 'numeric' })

/**
 * When a step is, such as “12 Dec 2024, 14:00 – 15:00”.
 * @param {Pick<Entry, 'wallMs' | 'startMs' | 'endMs' | 'offset'>} entry
 * @param {Step} step
 * @param {boolean} hasOffset whether the time is told with its offset, because clocks are changed in the range
 */
export function entryWords({ wallMs, startMs, endMs, offset }, step, hasOffset) {
  const words = stepWords(wallMs, step, wallMs + endMs - startMs)
  return hasOffset && ['minute', 'quarter', 'hour'].includes(step) ? `${words} (UTC${offset})` : words
}

/**
 * @param {number} wallMs as the clocks of the zone show it
 * @param {Step} step
 * @param {number} [endMs] in the same way; without it the end is not told
 */
export function stepWords(wallMs, step, endMs) {
  if (step === 'month') return month.format(wallMs)
  if (step === 'week') return weekWords(wallMs)
  if (step === 'day') return weekday.format(wallMs)
  const start = utcClock.minute(wallMs)
  const hasEnd = endMs !== undefined && endMs - wallMs > MINUTE_MS
  return hasEnd ? `${start} – ${utcClock.minuteOfDay(endMs)}` : start
}

/** A week by its Monday, also where the range begins on a later day of it. @param {number} wallMs */
function weekWords(wallMs) {
  const daysAfterMonday = (new Date(wallMs).getUTCDay() + 6) % 7
  const words = `Week of ${utcClock.date(wallMs - daysAfterMonday * DAY_MS)}`
  return daysAfterMonday === 0 ? words : `${words}, from ${utcClock.day(wallMs)}`
}

/** Whether clocks are changed in the range. @param {readonly Entry[]} entries */
export function hasChange(entries) {
  return entries.some(({ offset }) => offset !== entries[0]?.offset)
}
