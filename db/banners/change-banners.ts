import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { beginWriting, type Change, commit, isLockTimeout } from '../connection/transaction.ts'
import { statements } from '../statements.ts'

/** What one transaction makes of the banners. */
export interface Revision {
  /** One more than the one before. */
  readonly number: number
  /** Random: the version of each banner that it changes. */
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly atMs: number
  /** The name of the key that makes it, or `shell`. */
  readonly by: string
}

/**
 * Changes banners in one transaction, one change at a time in all processes. All instances see it by the revision.
 * Throws a ClickCounterError (BANNERS_BUSY) when another change takes longer than `SERVICE_LIMITS.lockMs`. When it
 * throws, nothing was changed, unless the COMMIT itself got no answer. After an error that is no ClickCounterError, the
 * state of the connection is unknown: close it.
 */
export async function changeBanners<Result>(
  client: pg.ClientBase,
  by: string,
  change: (revision: Revision) => Promise<Change<Result>>,
): Promise<Result> {
  await beginWriting(client)
  try {
    // A statement of its own, before any that reads: one that waited would not see what was committed meanwhile.
    await client.query(statements.lockBanners)
    const revision = await nextRevision(client, by)
    const { result, isChanged } = await change(revision)
    // Last: whoever sees the revision must see all that it changed.
    if (isChanged) await addRevision(client, revision)
    await commit(client)
    return result
  } catch (error) {
    const refusal = isLockTimeout(error) ? busy(error) : error
    if (refusal instanceof ClickCounterError) await client.query('ROLLBACK')
    throw refusal
  }
}

async function nextRevision(client: pg.ClientBase, by: string): Promise<Revision> {
  const { rows } = await client.query<{ number: number; nowMs: number }>(statements.newestBannerRevision)
  if (rows.length === 0)
    throw new ClickCounterError(
      'TABLE_BANNER_REVISIONS',
      'banner_revisions has no row, and the migration made one: restore a backup (npm run restore)',
    )
  const { number, nowMs } = rows[0]!
  return { number: number + 1, token: randomUUID(), atMs: nowMs, by }
}

async function addRevision(client: pg.ClientBase, { number, token, atMs, by }: Revision): Promise<void> {
  await client.query(statements.addBannerRevision, [number, token, timestamp(atMs), by])
}

/** As Postgres reads it, exactly and whatever its settings: of a number of seconds it would round the fraction. */
export function timestamp(atMs: number): string {
  return new Date(atMs).toISOString()
}

function busy(cause: unknown): ClickCounterError {
  return new ClickCounterError(
    'BANNERS_BUSY',
    'somebody else is changing banners, such as with an import: nothing was changed, try again in some seconds',
    { cause },
  )
}
