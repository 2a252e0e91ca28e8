import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { EndedSession } from '../../lib/access/snapshot.ts'
import { statements } from '../statements.ts'
import { changeAccess } from './change-access.ts'

/** Sessions that were logged out. */
export const MAX_ENDED_SESSIONS = 10_000

/**
 * Records that a session was logged out before its end. When too many were, all sessions end instead: each request
 * thread holds them, and a key may begin and end any number.
 */
export async function endSession(client: pg.ClientBase, { id, endsAtMs }: EndedSession): Promise<void> {
  await changeAccess(client, async () => {
    await client.query(statements.deletePastSessions)
    const { rowCount } = await client.query(statements.endSession, [id, endsAtMs])
    const forgotten = await client.query(statements.deleteEndedSessions, [MAX_ENDED_SESSIONS])
    // In the same transaction: with the old secret, the forgotten sessions would go on.
    if (forgotten.rowCount! > 0)
      await client.query(statements.renewSessionSecret, [randomBytes(32).toString('base64url')])
    return { result: undefined, isChanged: rowCount! > 0 }
  })
}
