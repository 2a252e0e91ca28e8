import type pg from 'pg'
import { readDatabaseState } from '../../db/history/history-state.ts'
import type { FlushWorkerData, StoreOutcome, StoreTask } from '../messages.ts'
import { type Batch, batchLength } from '../rows/batch.ts'
import { grossOf, NO_CLICKS } from '../rows/classes.ts'
import { addContents } from './add-contents.ts'
import { expiry, findBulkFates } from './bulk-keys.ts'
import { endWriter, ledgerStands } from './ledger.ts'
import { storeFiles } from './store-files.ts'
import { advance, expectLevel, inTransaction, isBehind, ledgerAfter } from './store-transaction.ts'

/** Postgres sleeps whole milliseconds: two. */
const PAUSE_SECONDS = 0.0015
/**
 * The pauses of so many rows come to two seconds. Longer batches do not pause: a reader waits for their end.
 */
const MAX_PAUSING_ROWS = 131_072

/**
 * Brings one item of the backlog into Postgres, unless this is not the database that the item is for, or the
 * database has gone back. Rejects when the item is not known to be there; then it is tried again, on another
 * connection. Without anything to store it finds out whether Postgres is there, and where its ledger stands.
 */
export async function storeItem(
  client: pg.Client,
  task: StoreTask,
  data: FlushWorkerData,
): Promise<StoreOutcome> {
  const { item } = task
  if (item === null || (item.kind === 'batch' && grossOf(item.totals) === 0))
    return await compare(client, task, data.writer)
  if (item.kind === 'files') return await storeFiles(client, item, task, data)
  if (item.kind === 'batch') return await storeBatch(client, item, task, data)
  return await inTransaction(client, task, async () => {
    expectLevel(task, await ledgerStands(client, [...task.expected.keys()]))
    await endWriter(client, item.writer)
    return { stored: null, ledger: 'level' }
  })
}

async function compare(client: pg.Client, task: StoreTask, ownWriter: string): Promise<StoreOutcome> {
  const { database } = await readDatabaseState(client)
  if (task.database === null) return { kind: 'done', database, stored: null, ledger: 'unknown' }
  if (database !== task.database) return { kind: 'elsewhere', database }
  const stands = await ledgerStands(client, [...task.expected.keys()])
  const behind = stands.filter(stand => isBehind(task, stand))
  if (behind.length > 0) return { kind: 'behind', stands: behind }
  const isAhead = stands.some(
    ({ writer, generation }) => writer === ownWriter && generation > task.triedGeneration,
  )
  return { kind: 'done', database, stored: null, ledger: isAhead ? 'ahead' : 'level' }
}

/**
 * One transaction, the ledger first: when its row does not move, the batch is there already, and nothing is
 * added. The batch is frozen, so every try of its key writes the same clicks.
 *
 * It pauses only when no other instance writes to the database. Rows stay locked during a pause: instances
 * that write the same rows would wait for each other's pauses, past their limits.
 */
async function storeBatch(
  client: pg.Client,
  batch: Batch,
  task: StoreTask,
  data: FlushWorkerData,
): Promise<StoreOutcome> {
  const { keyed, totals } = batch
  const pauses = data.isDatabaseOurs && !task.isUrgent && batchLength(batch) <= MAX_PAUSING_ROWS
  const pace = { batchRows: data.batchRows, pauseSeconds: pauses ? PAUSE_SECONDS : 0 }
  const adder = { writer: data.writer, generation: batch.generation }
  const isExpired = expiry(data.idempotencyKeyDays)
  return await inTransaction(client, task, async history => {
    const findFates = () => findBulkFates(client, keyed, adder, isExpired)
    const before = await advance(client, task, { ...adder, clicks: totals }, findFates)
    const added = await addContents(
      client,
      { rows: batch, keyed, totals },
      { adder, isExpired, history, pace },
    )
    return { stored: { ...added, lostClicks: NO_CLICKS, damaged: [] }, ledger: ledgerAfter(task, before) }
  })
}
