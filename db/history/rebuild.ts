import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { type Limits, SERVICE_LIMITS } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import { alone } from './alone.ts'
import { readHistoryState } from './history-state.ts'
import type { RollUpKind } from './roll-up.ts'
import { type Difference, madeUntil, type Range } from './verify.ts'

/** Flushes wait while so many are made: some 10 ms. */
export const MENDED_AT_ONCE = 500
const LIMITS: Limits = { ...SERVICE_LIMITS, lockMs: 200 }
const RETRY_MS = 100
const PATIENCE_MS = 60_000

const STATEMENTS = {
  quarters: [statements.deleteQuarters, statements.makeQuarters],
  days: [statements.deleteDays, statements.makeDays],
} as const

/** Throws a ClickCounterError unless all minutes of the range are there. */
export async function expectMinutes(client: pg.ClientBase, { from }: Range): Promise<void> {
  const { minutesFrom } = await readHistoryState(client)
  if (minutesFrom !== null && from < minutesFrom) throw minutesDropped(minutesFrom)
}

/**
 * Makes these sums anew, all of one kind and MENDED_AT_ONCE at most, while nobody adds clicks: of what their minutes, or
 * quarters, come to by then. Throws a ClickCounterError when minutes were dropped meanwhile, or when services leave no
 * room for it.
 */
export async function mend(
  client: pg.ClientBase,
  kind: RollUpKind,
  differences: readonly Difference[],
): Promise<void> {
  const lastTryMs = performance.now() + PATIENCE_MS
  const keys = [differences.map(({ bannerId }) => bannerId), differences.map(({ start }) => start)]
  const [remove, make] = STATEMENTS[kind]
  const step = async () => {
    const state = await readHistoryState(client)
    if (differences.some(({ start }) => start < (state.minutesFrom ?? -Infinity)))
      throw minutesDropped(state.minutesFrom!)
    await client.query(remove, keys)
    await client.query(make, [...keys, madeUntil(kind, state)])
    return 'done' as const
  }
  while ((await alone(client, LIMITS, [], step)) !== 'done') {
    if (performance.now() > lastTryMs)
      throw new ClickCounterError(
        'HISTORY_BUSY',
        'services that store clicks, or sum them up, left no room for a minute: try again later',
      )
    await delay(RETRY_MS * (1 + Math.random()))
  }
}

function minutesDropped(minutesFrom: number): ClickCounterError {
  const from = new Date(minutesFrom * 60_000).toISOString().slice(0, 10)
  return new ClickCounterError(
    'MINUTES_DROPPED',
    `minutes before ${from} were dropped, so sums of that time cannot be made anew: begin at ${from} or later`,
  )
}
