/** @import { Answer, Entry, Shown } from './types.d.ts' */

/**
 * An answer, ready to be shown.
 * @param {Answer} answer with an entry for each step
 * @param {number} nowMs
 * @returns {Shown}
 */
export function shownOf(answer, nowMs) {
  const [fromMs, toMs] = [Date.parse(answer.from), Date.parse(answer.to)]
  const findCompared = comparedWith(answer)
  const entries = answer.stats.map((stat, index) => {
    const atMs = Date.parse(stat.ts)
    // The service names a step by its start, also where the range begins within it.
    const startMs = Math.max(atMs, fromMs)
    const next = answer.stats[index + 1]
    const endMs = next === undefined ? toMs : Date.parse(next.ts)
    const startWallMs = wallMs(stat.ts) + startMs - atMs
    return {
      startMs,
      endMs,
      wallMs: startWallMs,
      offset: offsetOf(stat.ts),
      state: stateOf(startMs, endMs, nowMs),
      clicks: stat.v,
      bots: stat.bots ?? 0,
      duplicates: stat.duplicates ?? 0,
      compared: findCompared(startWallMs, endMs - startMs),
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
function wallMs(ts) {
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
 * Finds what a step is compared with: the step that holds the same moment of its range, by the clocks of the zone. It
 * need not be in the same place: a range may have an hour more, or begin on another day of the week. Each is found once,
 * so that an hour that the clocks show twice is not compared twice.
 * @param {Answer} answer
 * @returns {(wallMs: number, lengthMs: number) => Entry['compared']}
 */
function comparedWith({ from, compared }) {
  if (compared === undefined) return () => null
  const [fromMs, comparedFromMs] = [wallMs(from), wallMs(compared.from)]
  const starts = compared.stats.map(({ ts }) => wallMs(ts))
  let next = 0
  return (startMs, lengthMs) => {
    const middleMs = comparedFromMs + startMs - fromMs + lengthMs / 2
    let index = next
    while ((starts[index + 1] ?? Number.POSITIVE_INFINITY) <= middleMs) index++
    const [stat, atMs] = [compared.stats[index], starts[index]]
    if (stat === undefined || atMs === undefined || atMs > middleMs) return null
    next = index + 1
    return { wallMs: atMs, clicks: stat.v }
  }
}
