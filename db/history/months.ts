import pg from 'pg'
import { beginWriting, commit, PLAIN_VALUES, SERVICE_LIMITS } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import { LOCK_MONTHS } from './locks.ts'

/** What follows `click_` in the names of the tables that are partitioned by month. */
export const MONTHLY_TABLES = ['minutes', 'quarters'] as const
export type MonthlyTable = (typeof MONTHLY_TABLES)[number]

/** What a partition holds, in minutes since the epoch; null: without a bound. */
export interface Bounds {
  readonly from: number | null
  /** Not included. */
  readonly until: number | null
}

export interface Partition extends Bounds {
  readonly schema: string
  readonly name: string
}

const MINUTE_MS = 60_000
const CHECK_VIOLATION = '23514'

/** Whether an INSERT failed because a month has no partition. A constraint of somebody else has a name. */
export function isMonthMissing(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string }
  return code === CHECK_VIOLATION && constraint === undefined
}

/** The first minute of the month, in UTC, that a minute is in. Minutes are since the epoch. */
export function monthOf(minute: number): number {
  return monthFrom(minute, 0)
}

/** The first minute of the month that comes after the one that a minute is in. */
export function monthAfter(minute: number): number {
  return monthFrom(minute, 1)
}

function monthFrom(minute: number, months: number): number {
  const date = new Date(minute * MINUTE_MS)
  date.setUTCHours(0, 0, 0, 0)
  date.setUTCMonth(date.getUTCMonth() + months, 1)
  return date.getTime() / MINUTE_MS
}

/** Runs in a transaction with PLAIN_VALUES: bounds are read from their text. Oldest first. */
export async function listPartitions(client: pg.ClientBase, table: MonthlyTable): Promise<Partition[]> {
  return (await client.query<Partition>(statements.listPartitions, [`click_${table}`])).rows
}

/**
 * Makes the months that no partition holds, in a transaction of its own. Months are given by their first minutes. Many
 * instances may make the same month at once. Readers and flushes go on meanwhile. After an error the transaction is
 * open, and the connection is of no more use.
 */
export async function ensureMonths(
  client: pg.ClientBase,
  table: MonthlyTable,
  months: Iterable<number>,
): Promise<void> {
  await beginWriting(client, SERVICE_LIMITS, [...PLAIN_VALUES, LOCK_MONTHS])
  // Behind the lock, or two instances would both miss the month.
  const present = await listPartitions(client, table)
  for (const month of new Set(months)) {
    const bounds = { from: month, until: monthAfter(month) }
    if (!present.some(partition => holds(partition, bounds))) await makePartition(client, table, bounds)
  }
  await commit(client)
}

function holds({ from, until }: Bounds, month: { from: number; until: number }): boolean {
  return (from ?? -Infinity) <= month.from && month.until <= (until ?? Infinity)
}

/**
 * Makes a partition, in the schema where the table is. As a table of its own that is attached: PARTITION OF would wait
 * for all readers and writers of the other months.
 */
export async function makePartition(
  client: pg.ClientBase,
  table: MonthlyTable,
  bounds: Bounds,
): Promise<void> {
  const parent = `click_${table}`
  const { rows } = await client.query<{ schema: string }>(statements.findTables, [[parent]])
  const { schema } = rows[0]!
  const name = await freeName(client, schema, suffix => `${parent}_${nameOf(bounds)}${suffix}`)
  const [whole, partition] = [inSchema({ schema, name: parent }), inSchema({ schema, name })]
  await client.query(
    `CREATE TABLE ${partition} (LIKE ${whole} INCLUDING ALL) WITH (fillfactor = ${FILL[table]})`,
  )
  await client.query(
    `ALTER TABLE ${whole} ATTACH PARTITION ${partition}
     FOR VALUES FROM (${bound(bounds.from, 'MINVALUE')}) TO (${bound(bounds.until, 'MAXVALUE')})`,
  )
}

/** The first name that nobody has: without a suffix, or with `_2` and so on. Who has detached a month keeps its name. */
export async function freeName(
  client: pg.ClientBase,
  schema: string,
  named: (suffix: string) => string,
): Promise<string> {
  for (let name = named(''), next = 2; ; name = named(`_${next++}`)) {
    const { rows } = await client.query<{ table: string | null }>('SELECT to_regclass($1) AS table', [
      inSchema({ schema, name }),
    ])
    if (rows[0]!.table === null) return name
  }
}

/** The table in SQL. */
export function inSchema({ schema, name }: Pick<Partition, 'schema' | 'name'>): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`
}

/** A row of minutes is updated with each flush of its minute: with room left in the page, that touches no index. */
const FILL: Readonly<Record<MonthlyTable, number>> = { minutes: 50, quarters: 90 }

/** `2026_11`; the part that was there before there were months is without a beginning: `released`. */
function nameOf({ from }: Bounds): string {
  if (from === null) return 'released'
  const date = new Date(from * MINUTE_MS)
  return `${date.getUTCFullYear()}_${String(date.getUTCMonth() + 1).padStart(2, '0')}`
}

/** From a number, which is the same in every time zone. */
function bound(minute: number | null, none: string): string {
  return minute === null ? none : `to_timestamp(${minute * 60})`
}
