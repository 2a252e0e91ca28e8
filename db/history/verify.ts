import type pg from 'pg'
import { beginReading, commit, type Limits } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import { type HistoryState, readHistoryState, readMinute } from './history-state.ts'
import { KEEP_MONTHS } from './locks.ts'
import { ALL_BANNERS } from './planner.ts'
import type { RollUpKind } from './roll-up.ts'
import { StepSize } from './step-size.ts'

const DAY_MINUTES = 1440
const QUARTER_MINUTES = 15
const PIECE_AIM_MS = 500
/** A day of very many banners takes as long as it takes. */
export const VERIFY_LIMITS: Limits = { lockMs: 4000, statementMs: 0, queryMs: 0, idleMs: 5000 }

/** In minutes since the epoch. */
export interface Range {
  readonly from: number
  /** Not included. */
  readonly until: number
}

/** A sum that is not what it is made of comes to. */
export interface Difference {
  readonly kind: RollUpKind
  readonly bannerId: number
  /** Of the quarter or the day, in minutes since the epoch. */
  readonly start: number
  /** Valid clicks, bots and duplicates, as `5 0 0`. Empty: there is no such row. */
  readonly kept: string
  /** What it should be, in the same form. */
  readonly counted: string
}

/** Minutes before this can be compared with nothing finer: it was dropped. */
export function comparableFrom(kind: RollUpKind, { minutesFrom, quartersFrom }: HistoryState): number {
  return (kind === 'quarters' ? minutesFrom : quartersFrom) ?? -Infinity
}

/** Up to where sums of this kind are made. */
export function madeUntil(kind: RollUpKind, { quartersUntil, daysUntil }: HistoryState): number {
  return kind === 'quarters' ? quartersUntil : daysUntil
}

/**
 * The first `limit` sums in the range that differ, oldest first, as of one moment: services may go on. Days are compared
 * with quarters, so quarters have to be looked at, too. The range is of whole days for days, else of whole quarters.
 */
export async function differencesIn(
  client: pg.ClientBase,
  kind: RollUpKind,
  { from, until }: Range,
  limit: number,
): Promise<Difference[]> {
  await beginReading(client, VERIFY_LIMITS, [...ALL_BANNERS, KEEP_MONTHS])
  const state = await readHistoryState(client)
  const { rows } = await client.query<Omit<Difference, 'kind'>>(
    kind === 'quarters' ? statements.differingQuarters : statements.differingDays,
    [Math.min(Math.max(from, comparableFrom(kind, state)), until), until, limit, madeUntil(kind, state)],
  )
  await commit(client)
  return rows.map(row => ({ kind, ...row }))
}

/** Cuts a range of whole days into pieces that take about as long as each other. To be told how long each one took. */
export async function inPieces(
  kind: RollUpKind,
  { from, until }: Range,
  look: (piece: Range) => Promise<boolean>,
): Promise<void> {
  const size = new StepSize(PIECE_AIM_MS)
  for (let start = from; start < until; ) {
    const minutes = size.quarters * QUARTER_MINUTES
    const length = kind === 'quarters' ? minutes : Math.ceil(minutes / DAY_MINUTES) * DAY_MINUTES
    const end = Math.min(start + length, until)
    const startedAtMs = performance.now()
    if (!(await look({ from: start, until: end }))) return
    size.took((end - start) / QUARTER_MINUTES, performance.now() - startedAtMs)
    start = end
  }
}

/** What is stored, in whole days, from the oldest click up to now. To find the oldest one, it reads all minutes. */
export async function storedDays(client: pg.ClientBase, known: Partial<Range>): Promise<Range> {
  const until = known.until ?? (Math.floor((await readMinute(client)) / DAY_MINUTES) + 1) * DAY_MINUTES
  if (known.from !== undefined) return { from: known.from, until }
  const { rows } = await client.query<{ minute: number | null }>(statements.oldestClick)
  const { minute } = rows[0]!
  return { from: minute === null ? until : Math.floor(minute / DAY_MINUTES) * DAY_MINUTES, until }
}
