import type pg from 'pg'
import { sendTogether } from './citus.ts'

/** How long the statements of a transaction may take, in milliseconds. */
export interface Limits {
  /** A statement waits for a lock at most this long. */
  readonly lockMs: number
  /** A statement runs on the server at most this long. */
  readonly statementMs: number
  /**
   * The client waits for an answer this long. More than `statementMs`, so that the
   * server has ended the statement.
   */
  readonly queryMs: number
  /**
   * The server ends a transaction that says nothing for this long. Without it, the transaction of a
   * connection that broke unnoticed would keep its locks for hours, and each new try of its batch would wait
   * for them in vain. Less than `queryMs`, so that the locks are gone before the next try.
   */
  readonly idleMs: number
}

/** What a transaction that may change something has done. */
export interface Change<Result> {
  readonly result: Result
  /** Whether instances must read again. */
  readonly isChanged: boolean
}

export const SERVICE_LIMITS: Limits = { lockMs: 4000, statementMs: 6000, queryMs: 8000, idleMs: 5000 }

/**
 * Makes an answered COMMIT durable, whatever the role, the database, the server or the last
 * user of a pooler's connection has set. A stricter setting stays, and so does one that says
 * which standbys to wait for.
 */
const COMMIT_DURABLY =
  "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"

/** SQL that makes the text of values the same, whatever the role, the database or a pooler's last user has set. */
export const PLAIN_VALUES: readonly string[] = [
  "SET LOCAL TimeZone = 'UTC'",
  "SET LOCAL DateStyle = 'ISO, YMD'",
]

/*
 * A pooler in transaction mode gives each transaction another server connection, and takes no settings at the
 * start. So each transaction sets all that it relies on, in one round trip with its BEGIN.
 */

/**
 * Begins a transaction whose COMMIT is durable. READ COMMITTED, whatever the role's default. `more`, in SQL, are
 * statements of the same round trip.
 */
export async function beginWriting(
  client: pg.ClientBase,
  limits = SERVICE_LIMITS,
  more: readonly string[] = [],
): Promise<void> {
  const begin = ['BEGIN ISOLATION LEVEL READ COMMITTED', ...limitsSql(limits), COMMIT_DURABLY]
  await sendTogether(client, [...begin, ...more])
}

/**
 * Begins a transaction whose queries all see one snapshot. `more`, in SQL, are statements of the same round trip:
 * settings, locks that are taken before that snapshot, and a query. Resolves with the rows of the last one.
 */
export async function beginReading(
  client: pg.ClientBase,
  limits = SERVICE_LIMITS,
  more: readonly string[] = [],
): Promise<unknown[]> {
  const begin = ['BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY', ...limitsSql(limits)]
  return await sendTogether(client, [...begin, ...more])
}

/**
 * Rejects unless the transaction is committed. After a failed statement, COMMIT
 * succeeds with the tag ROLLBACK.
 */
export async function commit(client: pg.ClientBase): Promise<void> {
  const committed = await client.query('COMMIT')
  if (committed.command !== 'COMMIT') throw new Error(`COMMIT was answered with ${committed.command}`)
}

/** Whether a statement has failed because it waited for a lock longer than its `lockMs`. */
export function isLockTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === '55P03'
}

function limitsSql({ lockMs, statementMs, idleMs }: Limits): string[] {
  return [
    `SET LOCAL lock_timeout = ${lockMs}`,
    `SET LOCAL statement_timeout = ${statementMs}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`,
  ]
}
