import type pg from 'pg'
import { databaseFailure } from '../../db/connection/failure.ts'
import { beginWriting, commit } from '../../db/connection/transaction.ts'
import { statements } from '../../db/statements.ts'
import { JournalNewerError, JournalReadError } from '../base/errors.ts'
import type { DatabaseServer } from '../config/config.ts'
import { readFiles, readWriter } from '../journal/files/batch-file.ts'
import type { FilesUnit } from '../journal/files/item.ts'
import { generationOf } from '../journal/files/names.ts'
import type { FlushWorkerData, LedgerStand, StoredItem, StoreOutcome, StoreTask } from '../messages.ts'
import type { Batch } from '../rows/batch.ts'
import { type Rows, totalClicks } from '../rows/rows.ts'
import {
  advanceLedger,
  databaseId,
  endWriter,
  type LedgerBefore,
  ledgerStands,
  outdatedBeforeMs,
} from './ledger.ts'

/**
 * Postgres sleeps whole milliseconds: two. It has rows locked meanwhile, so other instances that write the same
 * ones would wait for each other's rests, past their limits: it rests where there are none.
 */
const REST_SECONDS = 0.0015
/** Rests of two seconds in all: who reads waits for the end of the transaction. */
const MAX_RESTING_ROWS = 131_072
const MINUTE_MS = 60_000

/**
 * Brings one item of the backlog into Postgres, unless that is not the database that it is for, or has gone back.
 * Rejects when it is not known to be there: then it is tried again, on another connection. Without anything to store
 * it finds out whether Postgres is there, and where its ledger stands.
 */
export async function storeItem(
  client: pg.Client,
  task: StoreTask,
  data: FlushWorkerData,
): Promise<StoreOutcome> {
  const { item } = task
  if (item === null || (item.kind === 'batch' && item.totalClicks === 0))
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
  const database = await databaseId(client)
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

/** One transaction, ledger first. The batch is frozen: every try of this key writes the same clicks. */
async function storeBatch(
  client: pg.Client,
  batch: Batch,
  task: StoreTask,
  { writer, batchRows, isDatabaseOurs }: FlushWorkerData,
): Promise<StoreOutcome> {
  const { generation, totalClicks: clicks } = batch
  const rests = isDatabaseOurs && !task.isUrgent && batch.bannerIds.length <= MAX_RESTING_ROWS
  return await inTransaction(client, task, async () => {
    const before = await advance(client, task, { writer, generation, clicks })
    await addClicks(client, batch, batchRows, rests ? REST_SECONDS : 0)
    const stored = { isNew: true, rows: batch.bannerIds.length, clicks, lostClicks: 0, damaged: [] }
    return { stored, ledger: ledgerAfter(task, before) }
  })
}

/**
 * One transaction, ledger first. From where that stood before follows which of the files are new to it: when these are
 * not the ones that are in hand, it is begun anew with them.
 */
async function storeFiles(
  client: pg.Client,
  unit: FilesUnit,
  task: StoreTask,
  data: FlushWorkerData,
): Promise<StoreOutcome> {
  const { writer, generation, names, isOwn } = unit
  // Before the transaction, which would wait for the disk; and all, so that damage is told of in any case.
  const all = readFiles(data.journalDirectory, names)
  const reading = {
    damaged: all.damaged,
    lostClicks: isOwn ? unit.totalClicks - totalClicks(all.rows) : 0,
  }
  for (let newNames = names; ; ) {
    const inHand = newNames
    const { rows } = inHand === names ? all : readFiles(data.journalDirectory, inHand)
    const clicks = totalClicks(rows)
    const outcome = await inTransaction(client, task, async () => {
      const before = await advance(client, task, { writer, generation, clicks })
      newNames = names.filter(name => generationOf(name) > before.generation)
      // A process that was killed after its COMMIT has left the oldest ones for nothing.
      if (newNames.length !== inHand.length) throw new Refusal(storedBefore(task))
      if (!before.hadRow && !isOwn && !unit.isAdopted && isOutdated(writer, rows, data))
        throw new Refusal({ kind: 'outdated' })
      // Without rests: what is in files has waited for long.
      await addClicks(client, rows, data.batchRows, 0)
      const stored = { isNew: true, rows: rows.bannerIds.length, clicks, ...reading }
      return { stored, ledger: isOwn ? ledgerAfter(task, before) : 'level' }
    })
    if (newNames.length === inHand.length) return withReading(outcome, reading)
  }
}

/** What all of a unit's files have told, whichever of them were stored now. */
function withReading(
  outcome: StoreOutcome,
  { damaged, lostClicks }: Pick<StoredItem, 'damaged' | 'lostClicks'>,
): StoreOutcome {
  if (outcome.kind !== 'done' || outcome.stored === null) return outcome
  const { stored } = outcome
  return { ...outcome, stored: { ...stored, damaged, lostClicks: stored.isNew ? lostClicks : 0 } }
}

/** Whether a writer that has no row may have had one that was deleted. Its files are looked at, not their times. */
function isOutdated(writer: string, { minutes }: Rows, { journalDirectory }: FlushWorkerData): boolean {
  const boundMs = outdatedBeforeMs(Date.now())
  const isOld = (minute: number) => minute * MINUTE_MS < boundMs
  return (
    minutes.length > 0 && minutes.every(isOld) && readWriter(journalDirectory, writer).minutes.every(isOld)
  )
}

/** What ends a transaction without an error: it is rolled back, and this is the outcome. */
class Refusal {
  readonly outcome: StoreOutcome

  constructor(outcome: StoreOutcome) {
    this.outcome = outcome
  }
}

/** A COMMIT that got no answer; `cause` says why. */
class UnknownOutcomeError extends Error {}

/** Commits what `work` has done, unless that throws, or this is not the database that the task is for. */
async function inTransaction(
  client: pg.Client,
  task: StoreTask,
  work: () => Promise<Pick<StoreOutcome & { kind: 'done' }, 'stored' | 'ledger'>>,
): Promise<StoreOutcome> {
  await beginWriting(client)
  try {
    const database = await databaseId(client)
    if (database !== task.database) throw new Refusal({ kind: 'elsewhere', database })
    const done = await work()
    await commit(client).catch(error => {
      throw new UnknownOutcomeError(error.message, { cause: error })
    })
    return { kind: 'done', database, ...done }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await client.query('ROLLBACK')
    return error.outcome
  }
}

/**
 * Moves the ledger forward, and looks at where it stood before for this writer, and for all others that are
 * expected to be somewhere. Throws a Refusal when it must not be moved now.
 */
async function advance(client: pg.Client, task: StoreTask, step: LedgerStand): Promise<LedgerBefore> {
  const before = await advanceLedger(client, step)
  if (before === null) throw new Refusal(task.mayBeStored ? storedBefore(task) : { kind: 'taken' })
  const others = [...task.expected.keys()].filter(writer => writer !== step.writer)
  expectLevel(task, [before, ...(await ledgerStands(client, others))])
  return before
}

/** Throws a Refusal when the database has gone back. */
function expectLevel(task: StoreTask, stands: readonly LedgerStand[]): void {
  const behind = stands.filter(stand => isBehind(task, stand))
  if (behind.length > 0) throw new Refusal({ kind: 'behind', stands: behind })
}

function isBehind({ expected }: StoreTask, { writer, generation }: LedgerStand): boolean {
  return generation < (expected.get(writer) ?? 0)
}

/** A step of this process begins where its last one ended, unless somebody else has made one. */
function ledgerAfter(
  { mayBeStored, expected }: StoreTask,
  { writer, generation }: LedgerStand,
): 'level' | 'ahead' {
  return !mayBeStored && generation > expected.get(writer)! ? 'ahead' : 'level'
}

function storedBefore({ database }: StoreTask): StoreOutcome {
  const stored = { isNew: false, rows: 0, clicks: 0, lostClicks: 0, damaged: [] }
  return { kind: 'done', database: database!, stored, ledger: 'unknown' }
}

/** `restSeconds` every 125 rows, see add-clicks.sql. */
export async function addClicks(
  client: pg.Client,
  { bannerIds, minutes, clicks }: Rows,
  batchRows: number,
  restSeconds: number,
): Promise<void> {
  for (let row = 0; row < bannerIds.length; row += batchRows) {
    const end = row + batchRows
    await client.query(statements.addClicks, [
      arrayLiteral(bannerIds.subarray(row, end)),
      arrayLiteral(minutes.subarray(row, end)),
      ...clicks.map(column => arrayLiteral(column.subarray(row, end))),
      restSeconds,
    ])
  }
}

/** Postgres' text form of an array; the driver would make it an element at a time. */
function arrayLiteral(numbers: Int32Array | Float64Array): string {
  return `{${numbers.join()}}`
}

export function storeFailure(error: unknown, server: DatabaseServer): StoreOutcome {
  if (error instanceof JournalNewerError) return { kind: 'newer', file: error.file }
  const mayBeStored = error instanceof UnknownOutcomeError
  const failure = databaseFailure(mayBeStored ? error.cause : error, server)
  return {
    kind: 'failed',
    error: { ...failure, isOfJournal: error instanceof JournalReadError },
    mayBeStored,
  }
}
