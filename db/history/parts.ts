import { CLICK_CLASSES } from '../../lib/rows/classes.ts'
import type { Rows } from '../../lib/rows/rows.ts'
import { Sums } from '../../lib/rows/sums.ts'
import type { HistoryState } from './history-state.ts'

const QUARTER_MINUTES = 15
const DAY_MINUTES = 1440

/** What rows come to in each table. All of them are ascending by banner, then time. */
export interface Parts {
  readonly minutes: Rows
  /** `minutes` of the rows are the first minutes of quarters. */
  readonly quarters: Rows
  /** `minutes` of the rows are midnights, UTC. */
  readonly days: Rows
}

/**
 * Divides rows among the tables. All go to the minutes, but for those whose month was dropped. The late ones, which
 * the job has passed already, go to the sums as well: it will not come back for them.
 */
export function partsOf(rows: Rows, state: HistoryState): Parts {
  const { quartersUntil, daysUntil } = state
  const minutesFrom = state.minutesFrom ?? -Infinity
  const quartersFrom = state.quartersFrom ?? -Infinity
  const isDropped = rows.minutes.some(minute => minute < minutesFrom)
  return {
    minutes: isDropped ? sumsBy(1, rows, minutesFrom, Infinity) : rows,
    quarters: sumsBy(QUARTER_MINUTES, rows, quartersFrom, quartersUntil),
    days: sumsBy(DAY_MINUTES, rows, -Infinity, daysUntil),
  }
}

/** Sums rows of `from` up to `until` by steps of so many minutes. */
function sumsBy(step: number, { bannerIds, minutes, clicks }: Rows, from: number, until: number): Rows {
  const sums = new Sums()
  for (const [row, minute] of minutes.entries()) {
    if (minute < from || minute >= until) continue
    const start = Math.floor(minute / step) * step
    for (const clickClass of CLICK_CLASSES)
      sums.add(start, bannerIds[row]!, clickClass, clicks[clickClass][row]!)
  }
  return sums.rows()
}
