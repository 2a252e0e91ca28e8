import type pg from 'pg'
import { databaseFailure } from '../../db/connection/failure.ts'
import { beginWriting, commit } from '../../db/connection/transaction.ts'
import { JournalNewerError, JournalReadError } from '../base/errors.ts'
import type { DatabaseServer } from '../config/config.ts'
import type { LedgerStand, StoreOutcome, StoreTask } from '../messages.ts'
import { advanceLedger, databaseId, type LedgerBefore, ledgerStands } from './ledger.ts'

/** Thrown to end a transaction that is not to be committed: it is rolled back, and this is the outcome. */
export class Refusal {
  readonly outcome: StoreOutcome

  constructor(outcome: StoreOutcome) {
    this.outcome = outcome
  }
}

/** A COMMIT that got no answer; `cause` says why. */
class UnknownOutcomeError extends Error {}

/**
 * Commits what `work` has done, unless that throws, or this is not the database that the task is
 * for. Which database it is is asked within the transaction: behind a pooler, the next
 * transaction may be in another one.
 */
export async function inTransaction(
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
 * Moves a writer's ledger forward. Returns where it stood before. Throws a Refusal when it must not be moved
 * now: it is there already, or it stands lower than expected, for this writer or another one.
 */
export async function advance(client: pg.Client, task: StoreTask, step: LedgerStand): Promise<LedgerBefore> {
  const before = await advanceLedger(client, step)
  if (before === null) throw new Refusal(task.mayBeStored ? storedBefore(task) : { kind: 'taken' })
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
export function storedBefore({ database }: StoreTask): StoreOutcome {
  const stored = { rows: 0, clicks: 0, lostClicks: 0, damaged: [] }
  return { kind: 'done', database: database!, stored, ledger: 'unknown' }
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
