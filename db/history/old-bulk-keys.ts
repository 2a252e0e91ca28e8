import type pg from 'pg'
import { beginWriting, commit, SERVICE_LIMITS } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import { TRY_KEYS } from './locks.ts'

/**
 * Keys stay twice as long as they are promised to be known: a delivery that came on the last day may wait in a journal for
 * as long again, see expiry in lib/flush-worker/bulk-keys.ts. With one life, it would count a second time.
 */
const LIVES = 2
/** A few milliseconds. A flush that adds one of these keys waits for so long. */
const STEP_KEYS = 1000

/**
 * Removes some keys of bulks that are not known any longer, the oldest first. Resolves with whether there may be more of
 * them. One at a time does it: two could wait for each other.
 */
export async function removeOldBulkKeys(client: pg.ClientBase, idempotencyKeyDays: number): Promise<boolean> {
  const days = LIVES * idempotencyKeyDays
  await beginWriting(client, SERVICE_LIMITS)
  const { isTaken } = (await client.query<{ isTaken: boolean }>(TRY_KEYS)).rows[0]!
  const old = isTaken
    ? (await client.query<{ key: string }>(statements.listOldBulkKeys, [days, STEP_KEYS])).rows
    : []
  if (old.length > 0) await client.query(statements.deleteOldBulkKeys, [days, old.map(({ key }) => key)])
  await commit(client)
  return old.length === STEP_KEYS
}
