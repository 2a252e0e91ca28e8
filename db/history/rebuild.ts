import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { startOf } from '../../lib/questions/time-range.ts'
import { type Limits, SERVICE_LIMITS } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import { alone, type Refused } from './alone.ts'
import { readHistoryState } from './history-state.ts'
import { ensureMonths, isMonthMissing, monthOf } from './months.ts'
import type { RollUpKind } from './roll-up.ts'
import { type Difference, madeUntil, type Range } from './verify.ts'

/** Flushes wait while so many are made: some 10 ms. */
export const MENDED_AT_ONCE = 500
const LIMITS: Limits = { ...SERVICE_LIMITS, lockMs: 200 }
const RETRY_MS = 100
const PATIENCE_MS = 60_000

const STATEMENTS = {
  quarters: { remove: statements.deleteQuarters, make: statements.makeQuarters, minutes: 15 },
  days: { remove: statements.deleteDays, make: statements.makeDays, minutes: 1440 },
} as const

/** Throws a ClickCounterError unless all minutes of the range are there. */
export async function expectMinutes(client: pg.ClientBase, { from }: Range): Promise<void> {
  const { minutesFrom } = await readHistoryState(client)
  if (minutesFrom !== null && from < minutesFrom) throw minutesDropped(minutesFrom)
}

/**
 * Makes these sums anew, all of one kind and MENDED_AT_ONCE at most, while nobody adds clicks: of what their minutes, or
 * quarters, come to by then. Makes their months where these are missing. Throws a ClickCounterError when minutes were
 * dropped meanwhile, or when services leave no room for it.
 */
export async function mend(
  client: pg.ClientBase,
  kind: RollUpKind,
  differences: readonly Difference[],
): Promise<void> {
  // No bounds could be told.
  if (differences.length === 0) return
  const lastTryMs = performance.now() + PATIENCE_MS
  while ((await tryToMend(client, kind, differences)) !== 'done') {
    if (performance.now() > lastTryMs)
      throw new ClickCounterError(
        'HISTORY_BUSY',
        'services that store clicks, or sum them up, left no room for a minute: try again later',
      )
    await delay(RETRY_MS * (1 + Math.random()))
  }
}

async function tryToMend(
  client: pg.ClientBase,
  kind: RollUpKind,
  differences: readonly Difference[],
): Promise<'done' | 'undone' | Refused> {
  const starts = differences.map(({ start }) => start)
  const { remove, make, minutes } = STATEMENTS[kind]
  // The bounds are for Postgres: it locks and plans only the months in them. In the keys it sees none.
  const keys = [differences.map(({ bannerId }) => bannerId), starts]
  const bounds = [Math.min(...starts), Math.max(...starts) + minutes]
  try {
    return await alone(client, LIMITS, [], async () => {
      const state = await readHistoryState(client)
      if (bounds[0]! < (state.minutesFrom ?? -Infinity)) throw minutesDropped(state.minutesFrom!)
      await client.query(remove, [...keys, ...bounds])
      await client.query(make, [...keys, ...bounds, madeUntil(kind, state)])
      return 'done' as const
    })
  } catch (error) {
    if (!isMonthMissing(error)) throw error
    await client.query('ROLLBACK')
    await ensureMonths(client, 'quarters', starts.map(monthOf))
    return 'undone'
  }
}

function minutesDropped(minutesFrom: number): ClickCounterError {
  const from = startOf(minutesFrom).toISOString().slice(0, 10)
  return new ClickCounterError(
    'MINUTES_DROPPED',
    `minutes before ${from} were dropped, so sums of that time cannot be made anew: begin at ${from} or later`,
  )
}
