import pg from 'pg'
import type { Retention } from '../../lib/config/config.ts'
import {
  beginReading,
  beginWriting,
  commit,
  isLockTimeout,
  type Limits,
  PLAIN_VALUES,
  SERVICE_LIMITS,
} from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import { alone, type Refused } from './alone.ts'
import { moveHistory, readHistoryState } from './history-state.ts'
import { freeName, inSchema, listPartitions, type MonthlyTable, type Partition } from './months.ts'

const DAY_MINUTES = 1440
const TABLE_GONE = '42P01'
/**
 * Each of three waits: for those who add clicks, for readers of the table, and for those of the part. Flushes wait
 * behind it, for all three together no longer than 300 ms.
 */
const LIMITS: Limits = { ...SERVICE_LIMITS, lockMs: 80 }

/** A part of a table that nobody wants to keep any longer. */
export interface Expired extends Partition {
  readonly table: MonthlyTable
  /** In minutes since the epoch. */
  readonly until: number
}

/** A table on its way out. */
interface TakenOff {
  readonly schema: string
  readonly name: string
  readonly bytes: number
}

export interface Drops {
  readonly dropped: readonly TakenOff[]
  /** Postgres refuses to drop these, as when a view reads them, or when they are somebody else's. */
  readonly refused: readonly { readonly table: TakenOff; readonly error: pg.DatabaseError }[]
}

/**
 * The first part to take off: wholly older than `retention`, and wholly in click_days. Null: there is none. Quarters
 * go after all minutes before their end, so that what has minutes has quarters, too.
 */
export async function findExpired(
  client: pg.ClientBase,
  retention: Retention,
  nowMinute: number,
): Promise<Expired | null> {
  await beginReading(client, SERVICE_LIMITS, PLAIN_VALUES)
  const expired = await firstExpired(client, retention, nowMinute)
  await commit(client)
  return expired
}

/**
 * Takes the part off its table. From then on clicks of that time go into the coarser tables alone. Nobody adds clicks
 * meanwhile, and nobody reads the table: who reads for long makes this `busy`. `gone`: somebody else was faster.
 */
export async function takeOff(
  client: pg.ClientBase,
  { table, schema, name, until }: Expired,
): Promise<'done' | 'gone' | Refused> {
  return await alone(client, LIMITS, PLAIN_VALUES, async () => {
    const parts = await listPartitions(client, table)
    if (!parts.some(part => part.name === name && part.schema === schema && part.until === until))
      return 'gone'
    // In the order of readers. DETACH would wait for the part while nobody else gets at the table.
    const parent = `click_${table}`
    const part = inSchema({ schema, name })
    await client.query(`LOCK TABLE ONLY ${parent} IN ACCESS EXCLUSIVE MODE`)
    await client.query(`LOCK TABLE ONLY ${part} IN ACCESS EXCLUSIVE MODE`)
    await moveHistory(
      client,
      table === 'minutes' ? { minutesFrom: until } : { minutesFrom: until, quartersFrom: until },
    )
    await client.query(`ALTER TABLE ${parent} DETACH PARTITION ${part}`)
    // So that it can be told from a table that an operator has taken off to keep it. A table of the same month may
    // still be there under the first name.
    const newName = await freeName(client, schema, suffix => `${name}${suffix}_dropped`)
    await client.query(`ALTER TABLE ${part} RENAME TO ${pg.escapeIdentifier(newName)}`)
    return 'done'
  })
}

/**
 * Drops what was taken off, now or by a process that has ended since. What somebody reads stays until the next time, and
 * so does what Postgres refuses to drop: it keeps no other table. Flushes have nothing to do with these any more.
 */
export async function dropTakenOff(client: pg.ClientBase): Promise<Drops> {
  const dropped: TakenOff[] = []
  const refused: Drops['refused'][number][] = []
  for (const table of (await client.query<TakenOff>(statements.listDropped)).rows) {
    await beginWriting(client, LIMITS)
    try {
      await client.query(`DROP TABLE ${inSchema(table)}`)
      await commit(client)
      dropped.push(table)
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
      await client.query('ROLLBACK')
      if (!isLockTimeout(error) && error.code !== TABLE_GONE) refused.push({ table, error })
    }
  }
  return { dropped, refused }
}

async function firstExpired(
  client: pg.ClientBase,
  { minutesDays, quartersDays }: Retention,
  nowMinute: number,
): Promise<Expired | null> {
  const { daysUntil } = await readHistoryState(client)
  const minutes = await listPartitions(client, 'minutes')
  const quarters = await listPartitions(client, 'quarters')
  return (
    oldest('minutes', minutes, lastKept(minutesDays)) ??
    oldest('quarters', quarters, Math.min(lastKept(quartersDays), minutes[0]?.from ?? -Infinity))
  )

  /** Parts that end up to this minute may go. */
  function lastKept(days: number): number {
    return days === 0 ? -Infinity : Math.min(nowMinute - days * DAY_MINUTES, daysUntil)
  }
}

/** The first one, when it ends up to that minute. */
function oldest(table: MonthlyTable, [part]: readonly Partition[], last: number): Expired | null {
  if (part === undefined || part.until === null || part.until > last) return null
  return { ...part, table, until: part.until }
}
