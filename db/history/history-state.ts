import type pg from 'pg'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { statements } from '../statements.ts'

/** How far the history is summed up and kept, in minutes since the epoch. */
export interface HistoryState {
  /** click_quarters holds every click of a minute before this: the start of a quarter. */
  readonly quartersUntil: number
  /** click_days holds every click of a minute before this: the start of a quarter, not after `quartersUntil`. */
  readonly daysUntil: number
  /** Minutes before this, the start of a month, were dropped. null: none was. */
  readonly minutesFrom: number | null
  /** The same of quarters. */
  readonly quartersFrom: number | null
}

/**
 * The state of the history. Who adds clicks has the lock of flushes first, see locks.ts. Throws a ClickCounterError
 * when the tables do not tell.
 */
export async function readHistoryState(client: pg.ClientBase): Promise<HistoryState> {
  return (await readDatabaseState(client)).history
}

/** Which database the connection leads to, and the state of its history, in one round trip. Throws as above. */
export async function readDatabaseState(
  client: pg.ClientBase,
): Promise<{ database: string; history: HistoryState }> {
  const { rows } = await client.query<{ database: string } & HistoryState>(statements.historyState)
  if (rows.length !== 1)
    throw new ClickCounterError(
      'TABLE_DATABASE_ID',
      `click_database must have one row, and has ${rows.length}: which database this is cannot be told`,
    )
  const { database, ...history } = rows[0]!
  if (history.quartersUntil === null)
    throw new ClickCounterError(
      'TABLE_HISTORY',
      'click_history has no row: how far the minutes are summed up cannot be told. Restore a backup (npm run restore)',
    )
  return { database, history }
}

/** Moves what is given, and nothing back. Nobody adds clicks meanwhile, see alone.ts. */
export async function moveHistory(client: pg.ClientBase, to: Partial<HistoryState>): Promise<void> {
  const { quartersUntil = null, daysUntil = null, minutesFrom = null, quartersFrom = null } = to
  await client.query(statements.moveHistory, [quartersUntil, daysUntil, minutesFrom, quartersFrom])
}

/** What minute it is by Postgres' clock, since the epoch. All instances go by it. */
export async function readMinute(client: pg.ClientBase): Promise<number> {
  return (await client.query<{ minute: number }>(statements.historyClock)).rows[0]!.minute
}
