import type pg from 'pg'
import { grossOf, minus } from '../../lib/rows/classes.ts'
import { type Rows, totalsOf } from '../../lib/rows/rows.ts'
import { arrayLiteral } from '../connection/array-literal.ts'
import { statements } from '../statements.ts'
import type { HistoryState } from './history-state.ts'
import { isMonthMissing, type MonthlyTable, monthOf } from './months.ts'
import { partsOf } from './parts.ts'

/**
 * An INSERT that pauses has at most so many rows. Postgres takes all of them from the arrays before it comes to
 * the first pause: 2000 take it 1.5 ms.
 */
const PAUSING_INSERT_ROWS = 500

/** How rows are added. */
export interface Pace {
  /** Rows of an INSERT at most. */
  readonly batchRows: number
  /** Each INSERT into the minutes pauses so long every 125 rows, see add-clicks.sql. */
  readonly pauseSeconds: number
  /** Told how many rows each INSERT had. */
  readonly onAdded?: (rows: number) => void
}

/**
 * Some months of the rows have no partition. To be thrown on: roll back, `ensureMonths`, and begin anew. Making them
 * within this transaction would lock rows for longer, and two that do so could wait for each other.
 */
export class MissingMonthsError extends Error {
  readonly table: MonthlyTable
  /** Of all rows; some may be there. */
  readonly months: readonly number[]

  constructor(table: MonthlyTable, { minutes }: Rows, cause: unknown) {
    super(`click_${table} lacks a month`, { cause })
    this.table = table
    this.months = [...new Set(Array.from(minutes, monthOf))]
  }
}

/**
 * Adds rows to the minutes, and the late ones to the sums. The transaction has shared the lock of flushes, and read
 * the state after that. Every writer takes the tables in this order, and rows in theirs: swapped, two writers could
 * wait for each other. Resolves with the gross clicks whose minutes were dropped: they are in the sums alone. Throws
 * a MissingMonthsError.
 */
export async function addClicks(
  client: pg.ClientBase,
  rows: Rows,
  state: HistoryState,
  pace: Pace,
): Promise<number> {
  const { minutes, quarters, days } = partsOf(rows, state)
  await inMonths('minutes', minutes, () => addToMinutes(client, minutes, pace))
  await inMonths('quarters', quarters, () => insert(client, statements.addToQuarters, quarters, pace))
  await insert(client, statements.addToDays, days, pace)
  return minutes === rows ? 0 : grossOf(minus(totalsOf(rows), totalsOf(minutes)))
}

async function addToMinutes(client: pg.ClientBase, rows: Rows, pace: Pace): Promise<void> {
  const { batchRows, pauseSeconds } = pace
  const insertRows = pauseSeconds > 0 ? Math.min(batchRows, PAUSING_INSERT_ROWS) : batchRows
  await insert(client, statements.addClicks, rows, { ...pace, batchRows: insertRows }, pauseSeconds)
}

async function insert(
  client: pg.ClientBase,
  statement: string,
  { bannerIds, minutes, clicks }: Rows,
  { batchRows, onAdded }: Pace,
  ...more: readonly number[]
): Promise<void> {
  for (let row = 0; row < bannerIds.length; row += batchRows) {
    const end = row + batchRows
    await client.query(statement, [
      arrayLiteral(bannerIds.subarray(row, end)),
      arrayLiteral(minutes.subarray(row, end)),
      ...clicks.map(column => arrayLiteral(column.subarray(row, end))),
      ...more,
    ])
    onAdded?.(Math.min(batchRows, bannerIds.length - row))
  }
}

async function inMonths(table: MonthlyTable, rows: Rows, add: () => Promise<void>): Promise<void> {
  try {
    await add()
  } catch (error) {
    throw isMonthMissing(error) ? new MissingMonthsError(table, rows, error) : error
  }
}
