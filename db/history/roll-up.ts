import type pg from 'pg'
import type { Limits } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import { alone, type Refused } from './alone.ts'
import { type HistoryState, moveHistory, readHistoryState } from './history-state.ts'
import { ensureMonths, isMonthMissing, monthOf } from './months.ts'
import { ALL_BANNERS } from './planner.ts'
import type { StepSize } from './step-size.ts'

const QUARTER_MINUTES = 15
/** A quarter is summed up so long after its end. Nearly all of its clicks are stored by then; the others are late. */
const CLOSED_AFTER_MINUTES = 3
/** A step of several quarters that lasts longer is undone, and tried with one. */
const LONGEST_STEP_MS = 250
/** One quarter of very many banners takes as long as it takes. */
const LONGEST_QUARTER_MS = 60_000
const STATEMENT_CUT = '57014'

/** What a step sums up: minutes into quarters, or quarters into days. */
export const ROLL_UP_KINDS = ['quarters', 'days'] as const
export type RollUpKind = (typeof ROLL_UP_KINDS)[number]

interface RollUpOptions {
  /** Of steps of this kind. It learns from this one. */
  readonly size: StepSize
  /** How long the step waits for those who add clicks. Others wait behind it meanwhile. */
  readonly waitMs: number
  /** By Postgres' clock, in minutes since the epoch. */
  readonly nowMinute: number
}

/** The minute up to which quarters may be summed up. */
export function closedUntil(nowMinute: number): number {
  return Math.floor((nowMinute - CLOSED_AFTER_MINUTES) / QUARTER_MINUTES) * QUARTER_MINUTES
}

/** What a step would sum up next, in minutes since the epoch. It is empty when `until` is not after `from`. */
export function nextRange(
  kind: RollUpKind,
  { quartersUntil, daysUntil }: HistoryState,
  nowMinute: number,
  quarters: number,
): { readonly from: number; readonly until: number } {
  const [from, end] =
    kind === 'quarters' ? [quartersUntil, closedUntil(nowMinute)] : [daysUntil, quartersUntil]
  return { from, until: Math.min(from + quarters * QUARTER_MINUTES, end) }
}

/**
 * Sums up the next quarters, in one transaction that moves the watermark as well. After `undone` it is worth another
 * try at once: the step lasted too long, and the next one is smaller, or a month was missing, and is there now.
 */
export async function rollUp(
  client: pg.ClientBase,
  kind: RollUpKind,
  options: RollUpOptions,
): Promise<'done' | 'idle' | 'undone' | Refused> {
  const { size } = options
  const { quarters } = size
  try {
    return await alone(client, limitsOf(options), ALL_BANNERS, async () => await step(client, kind, options))
  } catch (error) {
    const isTooLong = quarters > 1 && (error as { code?: string }).code === STATEMENT_CUT
    if (!isTooLong && !isMonthMissing(error)) throw error
    await client.query('ROLLBACK')
    if (isTooLong) size.undone()
    else await makeMonths(client, options)
    return 'undone'
  }
}

async function step(
  client: pg.ClientBase,
  kind: RollUpKind,
  { size, nowMinute }: RollUpOptions,
): Promise<'done' | 'idle'> {
  const startedAtMs = performance.now()
  // Not before the lock: it may be waited for longer. Flushes wait for both together, and give up after 4 s.
  if (size.quarters > 1) await client.query(`SET LOCAL statement_timeout = ${LONGEST_STEP_MS}`)
  const { from, until } = nextRange(kind, await readHistoryState(client), nowMinute, size.quarters)
  if (until <= from) return 'idle'
  await client.query(kind === 'quarters' ? statements.rollUpQuarters : statements.rollUpDays, [from, until])
  const moved = kind === 'quarters' ? { quartersUntil: until } : { daysUntil: until }
  await moveHistory(client, moved)
  size.took((until - from) / QUARTER_MINUTES, performance.now() - startedAtMs)
  return 'done'
}

/** Those of the next step: only months that have clicks get a partition of quarters. */
async function makeMonths(client: pg.ClientBase, { size, nowMinute }: RollUpOptions): Promise<void> {
  const { from, until } = nextRange('quarters', await readHistoryState(client), nowMinute, size.quarters)
  await ensureMonths(client, 'quarters', [monthOf(from), monthOf(until - 1)])
}

function limitsOf({ waitMs }: RollUpOptions): Limits {
  return { lockMs: waitMs, statementMs: LONGEST_QUARTER_MS, queryMs: LONGEST_QUARTER_MS, idleMs: 5000 }
}
