/** @import { Answer, Compared, Entry, Shown, Stat } from './types.d.ts' */
import { minutesOf } from './steps.js'

const DAY_MINUTES = 1440

/**
 * An answer, ready to be shown.
 * @param {Answer} answer with an entry for each step
 * @param {number} nowMs
 * @returns {Shown}
 */
export function shownOf(answer, nowMs) {
  const [fromMs, toMs] = [Date.parse(answer.from), Date.parse(answer.to)]
  const takeCompared = comparedWith(answer)
  const entries = answer.stats.map((stat, index) => {
    const atMs = Date.parse(stat.ts)
    // The service names a step by its start, also where the range begins within it.
    const startMs = Math.max(atMs, fromMs)
    const next = answer.stats[index + 1]
    const endMs = next === undefined ? toMs : Date.parse(next.ts)
    return {
      startMs,
      endMs,
      wallMs: wallMs(stat.ts) + startMs - atMs,
      offset: offsetOf(stat.ts),
      state: stateOf(startMs, endMs, nowMs),
      clicks: stat.v,
      bots: stat.bots ?? 0,
      duplicates: stat.duplicates ?? 0,
      compared: takeCompared(stat, index),
    }
  })
  return { answer, fromMs, toMs, entries }
}

/**
 * The closed steps against those that they are compared with. null: nothing is compared, or nothing is closed.
 * @param {Pick<Shown, 'answer' | 'entries'>} shown
 */
export function changeOf({ answer, entries }) {
  if (answer.compared === undefined) return null
  const closed = entries.filter(({ state }) => state === 'closed')
  if (closed.length === 0) return null
  const isWhole = closed.length === entries.length
  const sum = (/** @type {(entry: Entry) => number} */ of) =>
    closed.reduce((all, entry) => all + of(entry), 0)
  return {
    isWhole,
    clicks: isWhole ? answer.total : sum(({ clicks }) => clicks),
    before: isWhole ? answer.compared.total : sum(({ compared }) => compared?.clicks ?? 0),
  }
}

/** What the clocks show at a time with its offset, as if they stood in UTC. @param {string} ts */
export function wallMs(ts) {
  return Date.parse(`${ts.slice(0, 19)}Z`)
}

/** @param {string} ts such as 2024-12-12T10:00:00+01:00 @returns {string} such as +01:00 */
function offsetOf(ts) {
  return ts.slice(19)
}

/** @param {number} startMs @param {number} endMs @param {number} nowMs @returns {Entry['state']} */
function stateOf(startMs, endMs, nowMs) {
  if (startMs > nowMs) return 'ahead'
  return endMs > nowMs ? 'running' : 'closed'
}

/**
 * Finds what a step is compared with. As a rule that is the step in the same place. When clocks were changed in one of
 * the ranges, one has more hours than the other: then it is the one at the same time of the day.
 * @param {Answer} answer
 * @returns {(stat: Stat, index: number) => Entry['compared']}
 */
function comparedWith({ from, step, stats, compared }) {
  if (compared === undefined) return () => null
  const found = (/** @type {Stat | undefined} */ stat) =>
    stat === undefined ? null : { wallMs: wallMs(stat.ts), clicks: stat.v }
  if (stats.length === compared.stats.length || minutesOf(step) >= DAY_MINUTES)
    return (_stat, index) => found(compared.stats[index])
  const byClock = new Map(compared.stats.map(stat => [wallMs(stat.ts) - wallMs(compared.from), stat]))
  return ({ ts }) => {
    const since = wallMs(ts) - wallMs(from)
    const stat = byClock.get(since)
    // An hour that the clocks show twice is compared once.
    byClock.delete(since)
    return found(stat)
  }
}
