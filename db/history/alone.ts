import type pg from 'pg'
import { beginWriting, commit, isLockTimeout, type Limits } from '../connection/transaction.ts'
import { STOP_FLUSHES, TRY_JOB } from './locks.ts'

/** Why a step was not taken. Nothing has changed then, and it is worth another try. */
export type Refused =
  /** Another instance, or a command, is at a step of its own. */
  | 'another job'
  /** Somebody did not let go in time: of the lock of flushes, or of a table. */
  | 'busy'

/**
 * Does a step in a transaction of its own while nobody adds clicks, and resolves with what came of it. `limits.lockMs`
 * is how long it waits for those who are at it, and as long again for each table: all who come meanwhile wait behind it.
 * `settings`, in SQL, hold in this transaction alone.
 *
 * 1. READ COMMITTED, whatever the role's default. With another level, the statement that waits for the lock would fix
 *    what the step sees, and clicks that were added meanwhile would be in no sum.
 * 2. The lock of the job, which is tried. Behind the lock of flushes, two jobs would hold flushes back by turns.
 * 3. The lock of flushes.
 * 4. The step. It reads the state of the history itself: read before the lock, it may be an old one.
 *
 * After an error the transaction is open, and the connection is of no more use.
 */
export async function alone<Result>(
  client: pg.ClientBase,
  limits: Limits,
  settings: readonly string[],
  step: () => Promise<Result>,
): Promise<Result | Refused> {
  await beginWriting(client, limits, settings)
  const { rows } = await client.query<{ isTaken: boolean }>(TRY_JOB)
  if (!rows[0]!.isTaken) return await refused(client, 'another job')
  try {
    await client.query(STOP_FLUSHES)
    const result = await step()
    await commit(client)
    return result
  } catch (error) {
    if (!isLockTimeout(error)) throw error
    return await refused(client, 'busy')
  }
}

async function refused(client: pg.ClientBase, why: Refused): Promise<Refused> {
  await client.query('ROLLBACK')
  return why
}
