import type pg from 'pg'
import { databaseFailure } from '../../db/failure.ts'
import { statements } from '../../db/statements.ts'
import { beginWriting, commit } from '../../db/transaction.ts'
import type { DatabaseServer } from '../config/config.ts'
import { JournalReadError } from '../errors.ts'
import { readFiles } from '../journal/batch-file.ts'
import { generationOf } from '../journal/names.ts'
import type { FilesUnit } from '../journal/recovery.ts'
import type { FlushFailure, FlushWorkerData, StoredItem, StoreTask } from '../messages.ts'
import type { Snapshot } from '../ring/ring.ts'
import { totalClicks } from './batch.ts'

/**
 * Postgres sleeps whole milliseconds: two. It has rows locked meanwhile, so other instances that write the same
 * ones would wait for each other's rests, past their limits: it rests where there are none.
 */
const REST_SECONDS = 0.0015
/** Rests of two seconds in all: who reads waits for the end of the transaction. */
const MAX_RESTING_ROWS = 131_072

/**
 * Brings one item of the backlog into Postgres. Resolves when it is known to be there, through this call or
 * an earlier one. Rejects when it is not, or when nobody can tell: then it is tried again, on another
 * connection. Without anything to store it finds out whether Postgres is there.
 */
export async function storeItem(
  client: pg.Client,
  { item, isUrgent }: StoreTask,
  data: FlushWorkerData,
): Promise<StoredItem | null> {
  if (item === null || (item.kind === 'batch' && item.totalClicks === 0)) {
    await client.query('SELECT 1')
    return null
  }
  if (item.kind === 'writer') {
    await beginWriting(client)
    await client.query(statements.forgetWriter, [item.writer])
    await commit(client)
    return null
  }
  if (item.kind === 'files') return await storeFiles(client, item, data)
  const rests = data.isDatabaseOurs && !isUrgent && item.bannerIds.length <= MAX_RESTING_ROWS
  const isNew = await storeBatch(client, data.writer, item, data.batchRows, rests ? REST_SECONDS : 0)
  return { isNew, rows: item.bannerIds.length, clicks: item.totalClicks, damaged: [] }
}

/**
 * One transaction, ledger first. The batch is frozen: every try of this key writes the same clicks. Resolves
 * with false when an earlier one had. It rests within its statements, see add-clicks.sql.
 */
export async function storeBatch(
  client: pg.Client,
  writer: string,
  batch: Snapshot & { readonly generation: number },
  batchRows: number,
  restSeconds: number,
): Promise<boolean> {
  await beginWriting(client)
  if (!(await advanceLedger(client, writer, batch.generation))) {
    await client.query('ROLLBACK')
    return false
  }
  await addClicks(client, batch, batchRows, restSeconds)
  await commit(client)
  return true
}

/** One transaction, ledger first: each generation counts if its own step of the ledger does. */
async function storeFiles(
  client: pg.Client,
  { writer, names }: FilesUnit,
  { batchRows, journalDirectory }: FlushWorkerData,
): Promise<StoredItem> {
  // Before the transaction, which would wait for the disk; and all, so that damage is told of in any case.
  const { snapshot, damaged } = readFiles(journalDirectory, names)
  await beginWriting(client)
  const newNames: string[] = []
  for (const [generation, of] of Map.groupBy(names, generationOf))
    if (await advanceLedger(client, writer, generation)) newNames.push(...of)
  if (newNames.length === 0) {
    await client.query('ROLLBACK')
    return { isNew: false, rows: 0, clicks: 0, damaged }
  }
  // A process that was killed after its COMMIT has left the oldest ones for nothing.
  const fresh = newNames.length === names.length ? snapshot : readFiles(journalDirectory, newNames).snapshot
  // Without rests: what is in files has waited for long.
  await addClicks(client, fresh, batchRows, 0)
  await commit(client)
  return { isNew: true, rows: fresh.bannerIds.length, clicks: totalClicks(fresh), damaged }
}

/** Whether the generation is new to the ledger. */
async function advanceLedger(client: pg.Client, writer: string, generation: number): Promise<boolean> {
  const advanced = await client.query(statements.advanceLedger, [writer, generation, new Date()])
  return advanced.rowCount === 1
}

async function addClicks(
  client: pg.Client,
  clicks: Snapshot,
  batchRows: number,
  restSeconds: number,
): Promise<void> {
  for (let row = 0; row < clicks.bannerIds.length; row += batchRows) {
    const end = row + batchRows
    await client.query(statements.addClicks, [
      arrayLiteral(clicks.bannerIds.subarray(row, end)),
      arrayLiteral(clicks.minutes.subarray(row, end)),
      arrayLiteral(clicks.clicks.subarray(row, end)),
      restSeconds,
    ])
  }
}

/** Postgres' text form of an array; the driver would make it an element at a time. */
function arrayLiteral(numbers: Int32Array | Float64Array): string {
  return `{${numbers.join()}}`
}

export function flushFailure(error: unknown, server: DatabaseServer): FlushFailure {
  return { ...databaseFailure(error, server), isOfJournal: error instanceof JournalReadError }
}
