import type pg from 'pg'
import type { AccessSnapshot } from '../../lib/access/snapshot.ts'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { statements } from '../statements.ts'

/*
 * Each of these is one statement, and so sees one moment without a transaction. None waits for a change that is under
 * way.
 */

export type AccessToken = Pick<AccessSnapshot, 'database' | 'token'>

/**
 * Tells cheaply whether keys or sessions have changed since a snapshot was read. Throws a ClickCounterError when the
 * tables do not say which database this is, or have no token.
 */
export async function readToken(client: pg.ClientBase): Promise<AccessToken> {
  return onlyRow((await client.query<AccessToken>(statements.accessToken)).rows)
}

/** All keys that are not revoked, and all sessions that were ended, as of one moment. Throws as readToken does. */
export async function readAccess(client: pg.ClientBase): Promise<AccessSnapshot> {
  return onlyRow((await client.query<AccessSnapshot>(statements.accessSnapshot)).rows)
}

/** Throws a ClickCounterError when there are more or less. */
export function onlyRow<Row>(rows: readonly Row[]): Row {
  if (rows.length === 1) return rows[0]!
  throw new ClickCounterError(
    'TABLE_ACCESS_STATE',
    `access_state and click_database must have one row each, and both together have ${rows.length}: restore a backup (npm run restore)`,
  )
}
