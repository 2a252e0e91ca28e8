import type pg from 'pg'
import { statements } from '../../db/statements.ts'
import { readFiles } from '../journal/batch-file.ts'
import type { FlushFailure, FlushWorkerData, StoredItem } from '../messages.ts'
import type { Snapshot } from '../ring/ring.ts'
import type { BacklogItem } from './backlog.ts'
import { totalClicks } from './batch.ts'

/**
 * Brings one item of the backlog into Postgres. Resolves when it is known to be there, through this call or
 * an earlier one. Rejects when it is not, or when nobody can tell: then it is tried again, on another
 * connection. Without anything to store it finds out whether Postgres is there.
 */
export async function storeItem(
  client: pg.Client,
  item: BacklogItem | null,
  { writer, batchRows, journalDirectory }: FlushWorkerData,
): Promise<StoredItem | null> {
  if (item === null || (item.kind === 'batch' && item.totalClicks === 0)) {
    await client.query('SELECT 1')
    return null
  }
  if (item.kind === 'writer') {
    await client.query(statements.forgetWriter, [item.writer])
    return null
  }
  if (item.kind === 'batch') {
    await storeBatch(client, writer, item, batchRows)
    return { rows: item.bannerIds.length, clicks: item.totalClicks, damaged: [] }
  }
  const { snapshot, damaged } = readFiles(journalDirectory, item.names)
  await storeBatch(client, item.writer, { generation: item.generation, ...snapshot }, batchRows)
  return { rows: snapshot.bannerIds.length, clicks: totalClicks(snapshot), damaged }
}

/** One transaction, ledger first. The batch is frozen: every try of this key writes the same clicks. */
export async function storeBatch(
  client: pg.Client,
  writer: string,
  batch: Snapshot & { readonly generation: number },
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
