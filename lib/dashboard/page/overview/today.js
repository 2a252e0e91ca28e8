/** @import { Clock } from '../clock.js' */
/** @import { DayColumns, Step, Today } from './types.d.ts' */

const QUARTER_MS = 15 * 60_000

/**
 * Today beside yesterday until the same time. The running quarter of an hour counts for the total alone: it is not
 * finished, and the one of yesterday is.
 * @param {readonly Step[]} stats quarters since yesterday began, none left out
 * @param {number} nowMs when they were asked for
 * @param {Clock} clock
 * @returns {Today}
 */
export function todayOf(stats, nowMs, clock) {
  const { date, until } = runningQuarter(nowMs, clock)
  const today = stats.filter(({ ts }) => dateOf(ts) === date)
  const yesterday = stats.filter(({ ts }) => dateOf(ts) !== date)
  const startMs = quarterStart(nowMs)
  return {
    total: sum(today),
    bots: sum(today, ({ bots }) => bots ?? 0),
    duplicates: sum(today, ({ duplicates }) => duplicates ?? 0),
    finished: sum(today.filter(({ ts }) => Date.parse(ts) < startMs)),
    finishedYesterday: sum(yesterday.filter(({ ts }) => timeOf(ts) < until)),
    yesterday: sum(yesterday),
    until,
  }
}

/**
 * The same as columns for stepped lines. A day with 23 or 25 hours stands beside the same times of the other one.
 * @param {readonly Step[]} stats
 * @param {number} nowMs
 * @param {Clock} clock
 * @returns {DayColumns}
 */
export function dayColumns(stats, nowMs, clock) {
  const { date } = runningQuarter(nowMs, clock)
  const startMs = quarterStart(nowMs)
  const today = new Map(stats.map(({ ts, v }) => [Date.parse(ts), v]))
  const yesterday = new Map(stats.filter(({ ts }) => dateOf(ts) !== date).map(({ ts, v }) => [timeOf(ts), v]))
  /** @type {DayColumns} */
  const columns = { times: [], yesterday: [], finished: [], running: [] }
  const [fromMs, toMs] = [clock.startOfDay(nowMs), clock.startOfDay(nowMs, { days: 1 })]
  for (let atMs = fromMs; atMs <= toMs; atMs += QUARTER_MS) {
    // A step reaches to the next point: the last one of a line is there for its end alone.
    const stepMs = atMs === toMs ? atMs - QUARTER_MS : atMs
    columns.times.push(atMs / 1000)
    columns.yesterday.push(yesterday.get(clock.minuteOfDay(stepMs)) ?? null)
    const isEnd = atMs === startMs && atMs > fromMs
    const value = today.get(isEnd ? atMs - QUARTER_MS : atMs) ?? null
    columns.finished.push(atMs < startMs || isEnd ? value : null)
    const isRunning = atMs === startMs || atMs === startMs + QUARTER_MS
    columns.running.push(isRunning ? (today.get(startMs) ?? null) : null)
  }
  return columns
}

/**
 * What is known of a quarter. null: it is ahead, or yesterday had no such time.
 * @param {DayColumns} columns
 * @param {number} index of its column. The last one is there for the end of the quarter before
 */
export function quarterOf({ times, yesterday, finished, running }, index) {
  const at = (/** @type {readonly (number | null)[]} */ values, /** @type {number} */ place) =>
    values[place] ?? null
  const place = Math.min(index, times.length - 2)
  const isRunning = at(running, place) !== null && at(running, place - 1) === null
  return {
    atSeconds: times[place] ?? 0,
    today: at(isRunning ? running : finished, place),
    isRunning,
    yesterday: at(yesterday, place),
  }
}

/** @param {number} nowMs @param {Clock} clock */
function runningQuarter(nowMs, clock) {
  const wall = clock.toInput(quarterStart(nowMs))
  return { date: wall.slice(0, 10), until: wall.slice(11) }
}

/** Every zone that is in use is whole quarters away from UTC. @param {number} atMs */
function quarterStart(atMs) {
  return Math.floor(atMs / QUARTER_MS) * QUARTER_MS
}

/** @param {string} ts */
function dateOf(ts) {
  return ts.slice(0, 10)
}

/** @param {string} ts */
function timeOf(ts) {
  return ts.slice(11, 16)
}

/** @param {readonly Step[]} steps @param {(step: Step) => number} of */
function sum(steps, of = ({ v }) => v) {
  return steps.reduce((clicks, step) => clicks + of(step), 0)
}
