import type pg from 'pg'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { beginWriting, type Change, commit } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import { onlyRow } from './read-access.ts'

/**
 * Changes keys or sessions in one transaction, one change at a time in all processes. All instances see it by the
 * token. When it throws, nothing was changed, unless the COMMIT itself got no answer. After an error that is no
 * ClickCounterError, the state of the connection is unknown: close it.
 */
export async function changeAccess<Result>(
  client: pg.ClientBase,
  change: () => Promise<Change<Result>>,
): Promise<Result> {
  await beginWriting(client)
  try {
    // Before the first reading: two changes at once could each see room for one more key.
    onlyRow((await client.query(statements.lockAccess)).rows)
    const { result, isChanged } = await change()
    if (isChanged) await client.query(statements.renewAccessToken)
    await commit(client)
    return result
  } catch (error) {
    if (error instanceof ClickCounterError) await client.query('ROLLBACK')
    throw error
  }
}
