/** @import { Span } from './types.d.ts' */
import { isoMinute } from '../banner/ranges.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Among so many of each week, the biggest changes are looked for. */
export const MOST_CLICKED = 50
const TOP_CAMPAIGNS = 8

/**
 * The questions of one refresh. Days begin in the zone of the span. The last 7 and 30 days end where it ends, so that
 * they have the same weekdays and hours as those before. A time without an offset is in the zone of its question.
 * @param {number} nowMs
 * @param {Span} span
 */
export function questionsAt(nowMs, { clock, endMs }) {
  const { timeZone } = clock
  const to = isoMinute(endMs)
  const ago = (/** @type {number} */ days) => daysBefore(clock.toInput(endMs), days)
  const yesterday = daysBefore(clock.toInput(nowMs), 1).slice(0, 10)
  const soon = isoMinute(nowMs + MINUTE_MS)
  const week = { from: ago(7), to, step: 'day', fill: true, compare: 'previous', timeZone }
  return {
    today: { from: yesterday, to: soon, step: 'quarter', fill: true, group: 'none', timeZone },
    week: { ...week, top: MOST_CLICKED },
    month: { from: ago(30), to, step: 'all', compare: 'previous', group: 'none', timeZone },
    campaigns: { ...week, group: 'campaign', top: TOP_CAMPAIGNS },
    before: { from: ago(14), to: ago(7), step: 'all', top: MOST_CLICKED, timeZone },
  }
}

/**
 * Clicks of these banners in the week of a question.
 * @param {readonly number[]} ids
 * @param {{ from: string, to: string, timeZone: string }} week
 */
export function restQuestion(ids, { from, to, timeZone }) {
  return { ids, from, to, step: 'all', timeZone }
}

/**
 * Clicks of ten years, which is about the longest range that can be asked for. It begins with a day of UTC, because of
 * old times no less may be kept.
 * @param {number} nowMs
 */
export function everQuestion(nowMs) {
  const from = isoMinute(nowMs - 3650 * DAY_MS).slice(0, 10)
  return { from, to: isoMinute(nowMs + MINUTE_MS), step: 'all', group: 'none' }
}

/** The same time of an earlier day. @param {string} wall such as 2024-12-12T10:00 @param {number} days */
function daysBefore(wall, days) {
  return new Date(Date.parse(`${wall}Z`) - days * DAY_MS).toISOString().slice(0, 16)
}
