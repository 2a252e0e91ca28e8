/** @import { Entry, Step } from './types.d.ts' */
import { utcClock } from '../clock.js'
import { minutesOf } from './steps.js'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1440
/** Distances of times under the chart that read well. */
const MINUTES = [1, 5, 10, 15, 30, 60, 180, 360, 720]
const DAYS = [1, 2, 3, 5, 7, 14, 28, 56, 112, 224, 448]
const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120, 240]

const month = new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' })
const year = new Intl.DateTimeFormat('en-GB', { year: 'numeric', timeZone: 'UTC' })

/**
 * The steps that have their time under the chart, and how it is written there: as many as have room.
 * @param {readonly Entry[]} entries
 * @param {Step} step
 * @param {number} most
 * @returns {{ startMs: number, text: string }[]}
 */
export function ticksOf(entries, step, most) {
  const found = candidates(entries, step).find(each => each.length <= most) ?? entries.slice(0, 1)
  return found.map(({ startMs, wallMs }) => ({ startMs, text: write(wallMs, step) }))
}

/** @param {readonly Entry[]} entries @param {Step} step from many to few */
function* candidates(entries, step) {
  if (step === 'month') {
    for (const months of MONTHS) yield entries.filter(({ wallMs }) => monthNumber(wallMs) % months === 0)
    return
  }
  const isWithinDay = minutesOf(step) < DAY_MINUTES
  if (isWithinDay)
    for (const minutes of MINUTES)
      if (minutes >= minutesOf(step))
        yield entries.filter(({ wallMs }) => minuteOfDay(wallMs) % minutes === 0)
  const days = isWithinDay ? entries.filter(({ wallMs }) => minuteOfDay(wallMs) === 0) : entries
  for (const count of DAYS) yield days.filter((_entry, index) => index % count === 0)
}

/** @param {number} wallMs @param {Step} step */
function write(wallMs, step) {
  if (step === 'month') return (monthNumber(wallMs) % 12 === 0 ? year : month).format(wallMs)
  return minuteOfDay(wallMs) === 0 ? utcClock.day(wallMs) : utcClock.minuteOfDay(wallMs)
}

/** @param {number} wallMs */
function minuteOfDay(wallMs) {
  return Math.floor(wallMs / MINUTE_MS) % DAY_MINUTES
}

/** @param {number} wallMs */
function monthNumber(wallMs) {
  const date = new Date(wallMs)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}
