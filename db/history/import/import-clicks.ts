import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { ClickCounterError } from '../../../lib/base/errors.ts'
import { formatTime } from '../../../lib/questions/time.ts'
import { startOf } from '../../../lib/questions/time-range.ts'
import { VALID } from '../../../lib/rows/classes.ts'
import type { Rows } from '../../../lib/rows/rows.ts'
import { arrayLiteral } from '../../connection/array-literal.ts'
import { sendTogether } from '../../connection/citus.ts'
import { beginWriting, commit, isLockTimeout, type Limits } from '../../connection/transaction.ts'
import { statements } from '../../statements.ts'
import { addClicks, MissingMonthsError } from '../add-clicks.ts'
import { type HistoryState, readHistoryState } from '../history-state.ts'
import { SHARE_FLUSHES } from '../locks.ts'
import { ensureMonths, monthOf } from '../months.ts'
import { GRAIN_MINUTES, type Grain } from './grain.ts'
import type { HistoryFile } from './read-history.ts'

/** An import waits so long for another one of the same file. */
const SAME_FILE_MS = 2000
/** And so long for whoever sums up. */
const FLUSHES_MS = 60_000
/**
 * Of an import's connection as well: with others, it would be cut before those limits. Nobody waits for an import, and
 * it sums up all rows while its transaction says nothing.
 */
export const IMPORT_LIMITS: Limits = {
  lockMs: SAME_FILE_MS,
  statementMs: 120_000,
  queryMs: 130_000,
  idleMs: 120_000,
}
const BATCH_ROWS = 2000

interface Import {
  /** The file's, for those who import it again. */
  readonly name: string
  /** Told how many rows were written so far: a line may become one in each table. */
  readonly onProgress?: (rows: number) => void
}

/**
 * Adds the clicks of a file to those that are there, in one transaction: all or nothing. Resolves with how many of them
 * are in coarser tables alone, because their minutes, or quarters of an hour, were dropped. Throws a ClickCounterError
 * when the file was imported before, is being imported, or has hours or days that are not summed up yet. When it throws,
 * nothing was changed, unless the COMMIT itself got no answer. After an error the connection is of no more use.
 */
export async function importClicks(
  client: pg.ClientBase,
  file: HistoryFile,
  options: Import,
): Promise<number> {
  const rows = file.rows.rows()
  // Before the transaction, which would find the first missing month half-way, and begin anew.
  await makeMonths(client, file.grain, rows, await expectImportable(client, file))
  for (;;)
    try {
      return await addFile(client, file, rows, options)
    } catch (error) {
      if (!(error instanceof MissingMonthsError)) throw error
      // Somebody has dropped a partition that we had found or made.
      await client.query('ROLLBACK')
      await ensureMonths(client, error.table, error.months)
    }
}

/** Throws as importClicks does, without waiting for anybody. */
export async function expectImportable(client: pg.ClientBase, file: HistoryFile): Promise<HistoryState> {
  await expectNew(client, file)
  const state = await readHistoryState(client)
  expectSummedUp(file, state)
  return state
}

/**
 * What breaks when two steps swap:
 *
 * 1. The file's own row. Another import of the same file waits here, before it holds any lock that clicks need.
 * 2. What is coarser than minutes. After step 3 it would be right as well, and who sums up would wait twice as long.
 * 3. The lock of flushes. It stays until the end: flushes share it and go on, and whoever sums up waits.
 * 4. The state of the history, in a statement after the lock: a watermark could move in between.
 * 5. The clicks, in the order of all writers.
 */
async function addFile(
  client: pg.ClientBase,
  file: HistoryFile,
  rows: Rows,
  { name, onProgress }: Import,
): Promise<number> {
  const { grain } = file
  const id = randomUUID()
  let written = 0
  const onAdded = (added: number) => onProgress?.((written += added))
  await beginWriting(client, IMPORT_LIMITS)
  await addImport(client, file, id, name)
  if (grain !== 'minute') await addImported(client, rows, grain, id, onAdded)
  await sendTogether(client, [`SET LOCAL lock_timeout = ${FLUSHES_MS}`, SHARE_FLUSHES])
  const state = await readHistoryState(client)
  expectSummedUp(file, state)
  await addClicks(client, rows, stateFor(grain, state), { batchRows: BATCH_ROWS, pauseSeconds: 0, onAdded })
  await commit(client)
  return droppedClicks(grain, rows, state)
}

/** An hour is in no minute, and a day in no quarter: as if these had been dropped. */
function stateFor(grain: Grain, state: HistoryState): HistoryState {
  if (grain === 'minute') return state
  return { ...state, minutesFrom: Infinity, quartersFrom: grain === 'day' ? Infinity : state.quartersFrom }
}

async function addImport(client: pg.ClientBase, file: HistoryFile, id: string, name: string): Promise<void> {
  try {
    const { sha256, rows } = file
    const added = await client.query(statements.addImport, [id, sha256, name, rows.count, rows.clicks])
    if (added.rowCount === 1) return
  } catch (error) {
    if (!isLockTimeout(error)) throw error
    throw new ClickCounterError(
      'IMPORT_RUNNING',
      'this file is being imported at the moment: nothing was changed',
    )
  }
  // Somebody else has just imported it.
  await expectNew(client, file)
}

async function expectNew(client: pg.ClientBase, { sha256 }: HistoryFile): Promise<void> {
  const { rows } = await client.query<{ name: string; atMs: number; clicks: number }>(statements.findImport, [
    sha256,
  ])
  if (rows.length === 0) return
  const { name, atMs, clicks } = rows[0]!
  throw new ClickCounterError(
    'IMPORTED_BEFORE',
    `this file was imported before: as ${name}, at ${formatTime(new Date(atMs))}, with ${clicks} clicks. Nothing was changed`,
  )
}

/** An hour or a day that is not in the sums yet would be in none: whoever sums up would take it from the minutes. */
function expectSummedUp({ grain, rows }: HistoryFile, { daysUntil }: HistoryState): void {
  if (grain === 'minute') return
  const found = rows.firstAfter(daysUntil - GRAIN_MINUTES[grain])
  if (found === null) return
  const [start, limit] = [found.minute, daysUntil].map(minute => formatTime(startOf(minute)))
  throw new ClickCounterError(
    'IMPORT_TOO_NEW',
    `line ${found.line}: the ${grain} of ${start} is not over, or its minutes are not summed up yet. What ends up to ` +
      `${limit} can be imported now, and the rest later: a service that runs sums up some minutes after each quarter of an hour`,
  )
}

/** Of a month that was dropped, none: what is older than what is kept goes into coarser tables. */
async function makeMonths(
  client: pg.ClientBase,
  grain: Grain,
  { minutes }: Rows,
  { minutesFrom, quartersFrom }: HistoryState,
): Promise<void> {
  const months = [...new Set(minutes.map(monthOf))]
  const since = (from: number | null) => months.filter(month => from === null || month >= from)
  if (grain === 'minute') await ensureMonths(client, 'minutes', since(minutesFrom))
  if (grain !== 'day') await ensureMonths(client, 'quarters', since(quartersFrom))
}

async function addImported(
  client: pg.ClientBase,
  rows: Rows,
  grain: Grain,
  id: string,
  onAdded: (rows: number) => void,
): Promise<void> {
  const columns = [rows.bannerIds, rows.minutes, rows.clicks[VALID]]
  for (let row = 0; row < rows.bannerIds.length; row += BATCH_ROWS) {
    const literals = columns.map(column => arrayLiteral(column.subarray(row, row + BATCH_ROWS)))
    await client.query(statements.addImported, [...literals, grain, id])
    onAdded(Math.min(BATCH_ROWS, rows.bannerIds.length - row))
  }
}

function droppedClicks(grain: Grain, { minutes, clicks }: Rows, state: HistoryState): number {
  const from = { minute: state.minutesFrom, hour: state.quartersFrom, day: null }[grain] ?? -Infinity
  return clicks[VALID].reduce((sum, count, row) => (minutes[row]! < from ? sum + count : sum), 0)
}
