import type pg from 'pg'
import { statements } from '../../db/statements.ts'
import type { FlushFailure } from '../messages.ts'
import type { Batch } from './batch.ts'

/**
 * Writes a batch in one transaction, ledger first. Resolves when it is known to be in Postgres, through this
 * call or an earlier one under the same key. Rejects when it is not, or when nobody can tell: then the same
 * batch is tried again, on another connection.
 */
export async function storeBatch(
  client: pg.Client,
  writer: string,
  batch: Batch,
  batchRows: number,
): Promise<void> {
  await client.query('BEGIN')
  const advanced = await client.query(statements.advanceLedger, [writer, batch.generation, new Date()])
  if (advanced.rowCount === 0) {
    await client.query('ROLLBACK')
    return
  }
  for (let row = 0; row < batch.bannerIds.length; row += batchRows) {
    const end = row + batchRows
    await client.query(statements.addClicks, [
      arrayLiteral(batch.bannerIds.subarray(row, end)),
      arrayLiteral(batch.minutes.subarray(row, end)),
      arrayLiteral(batch.clicks.subarray(row, end)),
    ])
  }
  const committed = await client.query('COMMIT')
  // A transaction that has failed answers COMMIT with success, and with the tag ROLLBACK.
  if (committed.command !== 'COMMIT') throw new Error(`COMMIT was answered with ${committed.command}`)
}

/** Postgres' text form of an array; the driver would make it an element at a time. */
function arrayLiteral(numbers: Int32Array | Float64Array): string {
  return `{${numbers.join()}}`
}

/** SQLSTATE classes in which the statement itself is refused: data, constraints, names and rights. */
const PERMANENT_CLASSES = ['22', '23', '42']

export function flushFailure(error: unknown): FlushFailure {
  const { message, code } = error as { message?: string; code?: unknown }
  const name = typeof code === 'string' ? code : 'UNKNOWN'
  return {
    message: message || name,
    code: name,
    isPermanent: name.length === 5 && PERMANENT_CLASSES.includes(name.slice(0, 2)),
  }
}
