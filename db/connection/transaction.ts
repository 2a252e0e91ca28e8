import type pg from 'pg'

/** How long the statements of a transaction may take, in milliseconds. */
export interface Limits {
  /** One waits for a lock, … */
  readonly lockMs: number
  /** … runs on the server, … */
  readonly statementMs: number
  /** … and is waited for here. More than the server's limit, so that nothing is left running there. */
  readonly queryMs: number
  /**
   * The server hears nothing of an open transaction. When a connection breaks unnoticed by the
   * server, its transaction and its locks would stay for hours, and the next try of the same batch would wait
   * for them in vain. Less than `queryMs`: they are gone by then.
   */
  readonly idleMs: number
}

export const SERVICE_LIMITS: Limits = { lockMs: 4000, statementMs: 6000, queryMs: 8000, idleMs: 5000 }

/**
 * A COMMIT that is answered has been written, whatever the role, the database, the server or the last user of
 * a pooler's connection has set. A stricter setting, or one that says which standbys to wait for, stays.
 */
const COMMIT_DURABLY =
  "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"

/*
 * A pooler in transaction mode hands over another server connection for each transaction, and takes no such
 * settings at the start: all that a transaction relies on is said in it, in one round trip with its BEGIN.
 */

/** Begins a transaction whose COMMIT is durable. READ COMMITTED, whatever the role's default. */
export async function beginWriting(client: pg.ClientBase, limits = SERVICE_LIMITS): Promise<void> {
  await client.query(`BEGIN ISOLATION LEVEL READ COMMITTED; ${limitsSql(limits)}; ${COMMIT_DURABLY}`)
}

/** Begins a transaction in which all queries see one snapshot. `settings` are for it alone, in SQL. */
export async function beginReading(
  client: pg.ClientBase,
  limits = SERVICE_LIMITS,
  settings: readonly string[] = [],
): Promise<void> {
  const local = settings.map(setting => `; SET LOCAL ${setting}`).join('')
  await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; ${limitsSql(limits)}${local}`)
}

/** Rejects unless the transaction is committed: one that has failed answers COMMIT with success, and with the tag ROLLBACK. */
export async function commit(client: pg.ClientBase): Promise<void> {
  const committed = await client.query('COMMIT')
  if (committed.command !== 'COMMIT') throw new Error(`COMMIT was answered with ${committed.command}`)
}

function limitsSql({ lockMs, statementMs, idleMs }: Limits): string {
  return [
    `SET LOCAL lock_timeout = ${lockMs}`,
    `SET LOCAL statement_timeout = ${statementMs}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`,
  ].join('; ')
}
