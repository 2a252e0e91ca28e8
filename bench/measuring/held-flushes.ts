import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { beginWriting, commit, type Limits } from '../../db/connection/transaction.ts'
import { readHistoryState } from '../../db/history/history-state.ts'
import { SHARE_FLUSHES } from '../../db/history/locks.ts'
import { ensureMonths, monthOf } from '../../db/history/months.ts'
import { ROLL_UP_KINDS, type RollUpKind, rollUp } from '../../db/history/roll-up.ts'
import { StepSize } from '../../db/history/step-size.ts'
import { summarizeMonth } from '../../db/history/summarize.ts'
import { progress } from '../report/progress.ts'

const QUARTER_MINUTES = 15
/** Between two flushes of whoever waits. It is so much less than what is measured. */
const FLUSH_INTERVAL_MS = 1
/** Connections of this measurement have them: neither fills nor waits are cut off. */
export const PATIENT_LIMITS: Limits = { lockMs: 60_000, statementMs: 60_000, queryMs: 65_000, idleMs: 65_000 }

/** For how long one step of each kind held flushes, in milliseconds: a value for each quarter. */
export interface Held {
  readonly banners: number
  readonly ms: Readonly<Record<RollUpKind, readonly number[]>>
}

/** Sums up quarters in which so many banners were clicked in each minute, while another connection flushes. */
export async function measureHeld(
  client: pg.Client,
  flusher: pg.Client,
  banners: number,
  quarters: number,
  tell: (text: string) => void = progress,
): Promise<Held> {
  const ms = { quarters: [] as number[], days: [] as number[] }
  const stepOf = (kind: RollUpKind, nowMinute: number) =>
    rollUp(client, kind, { size: new StepSize(100), waitMs: 200, nowMinute })
  // Days have what was summed up before. A step that takes the first quarter that they lack is to take this one.
  while ((await stepOf('days', 0)) === 'done');
  for (let nth = 1; nth <= quarters; nth++) {
    tell(`history: flushes beside quarter ${nth} of ${quarters}, ${banners} banners`)
    const { quartersUntil } = await readHistoryState(client)
    await fillQuarter(client, banners, quartersUntil)
    const nowMinute = quartersUntil + 2 * QUARTER_MINUTES
    for (const kind of ROLL_UP_KINDS) {
      const step = async () => {
        const done = await stepOf(kind, nowMinute)
        if (done !== 'done') throw new Error(`a step should have been taken, and was not: ${done}`)
      }
      ms[kind].push(await longestWait(flusher, step))
    }
  }
  return { banners, ms }
}

async function fillQuarter(client: pg.Client, banners: number, quarter: number): Promise<void> {
  for (const table of ['minutes', 'quarters'] as const)
    await ensureMonths(client, table, [monthOf(quarter), monthOf(quarter + QUARTER_MINUTES)])
  await client.query(
    `INSERT INTO click_minutes SELECT banner, to_timestamp(minute * 60), 1, 0, 0
     FROM generate_series($1::bigint, $2::bigint) AS minute, generate_series(1, $3::bigint) AS banner`,
    [quarter, quarter + QUARTER_MINUTES - 1, banners],
  )
  await summarizeMonth(client, 'minutes', quarter)
}

/** The longest time that a flush takes to begin during the work. One begins as soon as the one before has ended. */
async function longestWait(flusher: pg.Client, work: () => Promise<void>): Promise<number> {
  let isOver = false
  const working = work().finally(() => {
    isOver = true
  })
  let longestMs = 0
  while (!isOver) {
    const startedAtMs = performance.now()
    await beginWriting(flusher, PATIENT_LIMITS, [SHARE_FLUSHES])
    longestMs = Math.max(longestMs, performance.now() - startedAtMs)
    await commit(flusher)
    await sleep(FLUSH_INTERVAL_MS)
  }
  await working
  return longestMs
}
