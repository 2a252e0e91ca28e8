import type pg from 'pg'
import { addClicks } from '../../db/history/add-clicks.ts'
import { readDatabaseState } from '../../db/history/history-state.ts'
import { readFiles, readWriter } from '../journal/files/batch-file.ts'
import type { FilesUnit } from '../journal/files/item.ts'
import { generationOf } from '../journal/files/names.ts'
import type { FlushWorkerData, StoredItem, StoreOutcome, StoreTask } from '../messages.ts'
import type { Batch } from '../rows/batch.ts'
import { grossOf, minus, NO_CLICKS } from '../rows/classes.ts'
import { type Rows, totalsOf } from '../rows/rows.ts'
import { endWriter, ledgerStands, outdatedBeforeMs } from './ledger.ts'
import {
  advance,
  expectLevel,
  inTransaction,
  isBehind,
  ledgerAfter,
  Refusal,
  storedBefore,
} from './store-transaction.ts'

/** Postgres sleeps whole milliseconds: two. */
const PAUSE_SECONDS = 0.0015
/**
 * The pauses of so many rows come to two seconds. Longer batches do not pause: a reader waits for their end.
 */
const MAX_PAUSING_ROWS = 131_072
const MINUTE_MS = 60_000

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
  { writer, batchRows, isDatabaseOurs }: FlushWorkerData,
): Promise<StoreOutcome> {
  const { generation, totals } = batch
  const pauses = isDatabaseOurs && !task.isUrgent && batch.bannerIds.length <= MAX_PAUSING_ROWS
  const pace = { batchRows, pauseSeconds: pauses ? PAUSE_SECONDS : 0 }
  return await inTransaction(client, task, async history => {
    const before = await advance(client, task, { writer, generation, clicks: totals })
    const withoutMinutes = await addClicks(client, batch, history, pace)
    const rows = batch.bannerIds.length
    const stored = { rows, clicks: grossOf(totals), lostClicks: NO_CLICKS, withoutMinutes, damaged: [] }
    return { stored, ledger: ledgerAfter(task, before) }
  })
}

/**
 * One transaction, the ledger first. Where the ledger stood before says which of the files are new
 * to the database. If they are not the files that were read, the transaction is rolled back and
 * begun anew with the new ones.
 */
async function storeFiles(
  client: pg.Client,
  unit: FilesUnit,
  task: StoreTask,
  data: FlushWorkerData,
): Promise<StoreOutcome> {
  const { writer, generation, names, isOwn } = unit
  // Before the transaction: within it, rows would be locked while the disk is waited for. All files are read,
  // so that damage is reported in any case.
  const all = readFiles(data.journalDirectory, names)
  const { damaged } = all
  const lostClicks = isOwn ? minus(unit.totals, totalsOf(all.rows)) : NO_CLICKS
  for (let newNames = names; ; ) {
    const inHand = newNames
    const { rows } = inHand === names ? all : readFiles(data.journalDirectory, inHand)
    const totals = totalsOf(rows)
    const outcome = await inTransaction(client, task, async history => {
      const before = await advance(client, task, { writer, generation, clicks: totals })
      newNames = names.filter(name => generationOf(name) > before.generation)
      // Fewer are new than were read: the oldest ones are stored already. Their process was killed after its
      // COMMIT and before it removed them.
      if (newNames.length !== inHand.length) throw new Refusal(storedBefore(task))
      if (!before.hadRow && !isOwn && !unit.isAdopted && isOutdated(writer, rows, data))
        throw new Refusal({ kind: 'outdated' })
      // Without pauses: what is in files has waited long enough.
      const withoutMinutes = await addClicks(client, rows, history, {
        batchRows: data.batchRows,
        pauseSeconds: 0,
      })
      const clicks = grossOf(totals)
      const stored = { rows: rows.bannerIds.length, clicks, lostClicks, withoutMinutes, damaged }
      return { stored, ledger: isOwn ? ledgerAfter(task, before) : 'level' }
    })
    if (newNames.length === inHand.length) return withDamage(outcome, damaged)
  }
}

/** The outcome with the damage in all of the unit's files, whichever of them were stored now. */
function withDamage(outcome: StoreOutcome, damaged: StoredItem['damaged']): StoreOutcome {
  if (outcome.kind !== 'done' || outcome.stored === null) return outcome
  return { ...outcome, stored: { ...outcome.stored, damaged } }
}

/**
 * Whether a writer without a row may have had one that was deleted. The minutes of its clicks
 * tell, not its files' times.
 */
function isOutdated(writer: string, { minutes }: Rows, { journalDirectory }: FlushWorkerData): boolean {
  const boundMs = outdatedBeforeMs(Date.now())
  const isOld = (minute: number) => minute * MINUTE_MS < boundMs
  return (
    minutes.length > 0 && minutes.every(isOld) && readWriter(journalDirectory, writer).minutes.every(isOld)
  )
}
