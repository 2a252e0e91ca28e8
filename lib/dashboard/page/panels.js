/** @import { Sample } from './types.d.ts' */
import { bytes, count, milliseconds, percent, rate } from './format.js'

/**
 * @typedef {object} Line
 * @property {string} colour
 * @property {(sample: Sample) => number | null} of
 * @property {boolean} [isFilled]
 * @property {boolean} [isStepped]
 */

/**
 * @typedef {object} Panel
 * @property {Line[]} lines
 * @property {string} what
 * @property {(value: number | null) => string} write
 * @property {number} [top]
 * @property {boolean} [hasTimes]
 * @property {boolean} [isLogarithmic]
 */

/** What each chart shows, by its data-chart in the page. @type {Record<string, Panel>} */
export const panels = {
  rate: {
    what: 'Clicks per second',
    // Clicks that come in, and clicks that reach Postgres. While no flush succeeds, the second line is at 0. Of those that
    // come in, bots and duplicates are stacked at the bottom: what is above them is valid.
    lines: [
      { colour: 'one', of: ({ clicksPerSecond }) => clicksPerSecond, isFilled: true },
      { colour: 'duplicates', of: filteredPerSecond, isFilled: true },
      { colour: 'bots', of: ({ botsPerSecond }) => botsPerSecond || null, isFilled: true },
      { colour: 'two', of: ({ storedPerSecond }) => storedPerSecond },
    ],
    write: rate,
    hasTimes: true,
  },
  pending: {
    what: 'Pending clicks',
    lines: [{ colour: 'one', of: ({ pending }) => pending, isFilled: true }],
    write: count,
  },
  latency: {
    what: 'Latency of clicks in milliseconds',
    lines: [
      { colour: 'one', of: ({ p50Ms }) => p50Ms },
      { colour: 'two', of: ({ p99Ms }) => p99Ms },
    ],
    write: milliseconds,
    isLogarithmic: true,
  },
  flush: {
    what: 'Duration of a flush in milliseconds',
    lines: [{ colour: 'one', of: ({ flushMs }) => flushMs, isFilled: true }],
    write: milliseconds,
  },
  journal: {
    what: 'Size of the journal',
    lines: [{ colour: 'one', of: ({ journalBytes }) => journalBytes, isFilled: true }],
    write: bytes,
  },
  database: {
    what: 'Database, 1 when it is up',
    lines: [
      { colour: 'one', of: ({ databaseUp }) => databaseUp, isFilled: true, isStepped: true },
      {
        colour: 'bad',
        of: ({ databaseUp }) => (databaseUp === 0 ? 1 : null),
        isFilled: true,
        isStepped: true,
      },
    ],
    write: count,
    top: 1,
  },
  busy: {
    what: 'Percent of the time that threads are busy',
    lines: [
      { colour: 'one', of: ({ meanPercent }) => meanPercent },
      { colour: 'two', of: ({ busiestPercent }) => busiestPercent },
    ],
    write: percent,
    top: 100,
  },
  delay: {
    what: 'Event-loop delay in milliseconds',
    lines: [{ colour: 'one', of: ({ delayMs }) => delayMs, isFilled: true }],
    write: milliseconds,
  },
}

/** Of bots, and duplicates. null: there are none, or nobody knows. @param {Sample} sample */
function filteredPerSecond({ botsPerSecond, duplicatesPerSecond }) {
  return duplicatesPerSecond ? (botsPerSecond ?? 0) + duplicatesPerSecond : null
}
