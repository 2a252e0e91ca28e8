/** @import { Clock } from '../clock.js' */
/** @import { Span } from './types.d.ts' */
import { utcClock } from '../clock.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * Days of the chosen zone, until the last full hour of UTC. What was imported by hours, and what is kept of a time whose
 * minutes were dropped, can be asked for by that.
 * @param {number} nowMs
 * @param {Clock} clock
 * @returns {Span}
 */
export function hourlySpan(nowMs, clock) {
  return { clock, endMs: Math.floor(nowMs / HOUR_MS) * HOUR_MS, isOfUtcDays: false }
}

/** Whole days of UTC: of those there are sums for all times. @param {number} nowMs @returns {Span} */
export function dailySpan(nowMs) {
  return { clock: utcClock, endMs: Math.floor(nowMs / DAY_MS) * DAY_MS, isOfUtcDays: true }
}

/** When figures of the last days end. @param {Span} span */
export function untilWords(span) {
  const { clock, endMs } = span
  return span.isOfUtcDays
    ? ` (days of UTC, through ${clock.day(endMs - 1)})`
    : ` until ${clock.minuteOfDay(endMs)}`
}

/** What a list says that has nothing: a first click is among today's at once. @param {Span} span */
export function noneWords({ isOfUtcDays }) {
  return `None. Clicks are in this list from the next ${isOfUtcDays ? 'day of UTC' : 'full hour'} on.`
}

/** When the last day of a span ends, such as 15:00; '': it is whole. @param {Span} span */
export function cutOf({ clock, endMs }) {
  return clock.startOfDay(endMs) === endMs ? '' : clock.minuteOfDay(endMs)
}
