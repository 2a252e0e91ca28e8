import type pg from 'pg'
import { databaseFailure } from '../../db/connection/failure.ts'
import { beginWriting, commit, SERVICE_LIMITS } from '../../db/connection/transaction.ts'
import { MissingMonthsError } from '../../db/history/add-clicks.ts'
import { type HistoryState, readDatabaseState } from '../../db/history/history-state.ts'
import { SHARE_FLUSHES } from '../../db/history/locks.ts'
import { ensureMonths } from '../../db/history/months.ts'
import { JournalNewerError, JournalReadError } from '../base/errors.ts'
import type { DatabaseServer } from '../config/config.ts'
import type { LedgerStand, StoreOutcome, StoreTask } from '../messages.ts'
import { NO_CLICKS } from '../rows/classes.ts'
import { clicksOf } from '../rows/keyed-bulks.ts'
import type { BulkFates } from './bulk-keys.ts'
import { advanceLedger, type LedgerBefore, ledgerStands } from './ledger.ts'

/** Thrown to end a transaction that is not to be committed: it is rolled back, and this is the outcome. */
export class Refusal {
  readonly outcome: StoreOutcome

  constructor(outcome: StoreOutcome) {
    this.outcome = outcome
  }
}

/** A COMMIT that got no answer; `cause` says why. */
class UnknownOutcomeError extends Error {}

/** What a transaction has stored. It is given the state of the history as of its beginning. */
type Work = (history: HistoryState) => Promise<Pick<StoreOutcome & { kind: 'done' }, 'stored' | 'ledger'>>

/** Minutes and quarters may each lack months. One more try, because a month may be dropped in between. */
const MAX_TRIES = 4

/**
 * Commits what `work` has done, unless that throws, or this is not the database that the task is for. When months are
 * missing, they are made, and `work` is done again: it is the same batch, under the same key.
 */
export async function inTransaction(client: pg.Client, task: StoreTask, work: Work): Promise<StoreOutcome> {
  for (let tries = 1; ; tries++) {
    try {
      return await tryTransaction(client, task, work)
    } catch (error) {
      if (!(error instanceof MissingMonthsError)) throw error
      if (tries === MAX_TRIES) throw error.cause
      // Before the months: the rows that are locked would stay so.
      await client.query('ROLLBACK')
      await ensureMonths(client, error.table, error.months)
    }
  }
}

/**
 * Which database it is, and how far its history is summed up, is asked within the transaction: behind a pooler, the
 * next transaction may be in another one, and behind the lock no watermark moves.
 */
async function tryTransaction(client: pg.Client, task: StoreTask, work: Work): Promise<StoreOutcome> {
  await beginWriting(client, SERVICE_LIMITS, [SHARE_FLUSHES])
  try {
    const { database, history } = await readDatabaseState(client)
    if (database !== task.database) throw new Refusal({ kind: 'elsewhere', database })
    const done = await work(history)
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
 * Moves a writer's ledger forward. Returns where it stood before. Throws a Refusal when it must not be moved
 * now: it is there already, or it stands lower than expected, for this writer or another one. `findFates` tells
 * what became of keyed bulks that were stored before.
 */
export async function advance(
  client: pg.Client,
  task: StoreTask,
  step: LedgerStand,
  findFates: () => Promise<BulkFates>,
): Promise<LedgerBefore> {
  const before = await advanceLedger(client, step)
  if (before === null)
    throw new Refusal(task.mayBeStored ? storedBefore(task, await findFates()) : { kind: 'taken' })
  const others = [...task.expected.keys()].filter(writer => writer !== step.writer)
  expectLevel(task, [before, ...(await ledgerStands(client, others))])
  return before
}

/** Throws a Refusal when the database has gone back. */
export function expectLevel(task: StoreTask, stands: readonly LedgerStand[]): void {
  const behind = stands.filter(stand => isBehind(task, stand))
  if (behind.length > 0) throw new Refusal({ kind: 'behind', stands: behind })
}

export function isBehind({ expected }: StoreTask, { writer, generation }: LedgerStand): boolean {
  return generation < (expected.get(writer) ?? 0)
}

/** A step of this process begins where its last one ended, unless somebody else has made one. */
export function ledgerAfter(
  { mayBeStored, expected }: StoreTask,
  { writer, generation }: LedgerStand,
): 'level' | 'ahead' {
  return !mayBeStored && generation > expected.get(writer)! ? 'ahead' : 'level'
}

/** An earlier try had stored the item. */
function storedBefore({ database }: StoreTask, fates: BulkFates): StoreOutcome {
  const stored = { rows: 0, clicks: 0, lostClicks: NO_CLICKS, withoutMinutes: 0, damaged: [] }
  return { kind: 'done', database: database!, stored: { ...stored, ...notCounted(fates) }, ledger: 'unknown' }
}

/** What main is told of bulks that were not counted. */
export function notCounted({ repeated, conflicts, expired }: BulkFates) {
  return { repeated: clicksOf(repeated), conflicts, expired }
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
