import { clicksInRing } from '../books/balance.ts'
import type { ServiceBooks } from '../books/service-books.ts'
import type { BacklogItem, FilesUnit } from '../journal/files/item.ts'
import type { Journal } from '../journal/keep/keeper.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { FlushWorkerTasks, LedgerStand, StoredItem, StoreOutcome } from '../messages.ts'
import { grossOf } from '../rows/classes.ts'
import type { Backlog } from './backlog.ts'
import { isOwn, LedgerExpectation } from './ledger-expectation.ts'
import type { LedgerReport } from './ledger-report.ts'
import { Replay } from './replay.ts'
import type { FlushReport } from './report.ts'
import { Rereading } from './rereading.ts'
import { settledOf } from './settled-of.ts'
import { Unstorable } from './unstorable.ts'

export interface StorerOptions {
  readonly memory: SharedMemory
  readonly books: ServiceBooks
  readonly report: FlushReport
  readonly ledgerReport: LedgerReport
  readonly worker: Pick<FlushWorkerTasks, 'store'>
  readonly journal: Journal
  /** This process's id in the ledger. */
  readonly writer: string
}

/** How a try to store has ended. */
export interface StoreTry {
  /** false: the next try has to wait for a while. */
  readonly isGood: boolean
  /** false: it was a ping. */
  readonly hadItem: boolean
  /** Postgres has answered, and its ledger was compared. */
  readonly hasCompared: boolean
}

/**
 * Has the flush worker store the backlog, one item after the other, and does what follows from each
 * outcome. It knows where the ledger must stand. When the ledger stands lower, the database went back, and
 * what it has lost comes first.
 */
export class Storer {
  readonly #options: StorerOptions
  readonly #backlog: Backlog
  readonly #replay: Replay
  readonly #rereading: Rereading
  readonly #expectation: LedgerExpectation
  readonly #unstorable: Unstorable
  #isElsewhere = false

  /** `onResume` is called when something can be stored again that was deferred. */
  constructor(backlog: Backlog, onResume: () => void, options: StorerOptions) {
    this.#backlog = backlog
    this.#options = options
    this.#expectation = new LedgerExpectation(options)
    this.#replay = new Replay(options)
    this.#rereading = new Rereading(backlog, options.report, onResume)
    this.#unstorable = new Unstorable(backlog, options)
  }

  /** The database that answered last is another one than ours. */
  get isElsewhere(): boolean {
    return this.#isElsewhere
  }

  /** Up to this one, all of this process that is not in the backlog is in Postgres. */
  get ledgerGeneration(): number {
    return this.#expectation.generation
  }

  /** Clicks of this process that were put aside. */
  get asideClicks(): number {
    return this.#unstorable.asideClicks
  }

  /** Up to this one, every click of this process that is not in the backlog is in Postgres, and none was put aside. */
  get storedGeneration(): number {
    return Math.min(this.#expectation.generation, this.#unstorable.asideAfterGeneration)
  }

  /** By writer, the generation that the ledger has reached at least: of this process, and of those with kept files. */
  get expected(): ReadonlyMap<string, number> {
    return this.#expectation.expected
  }

  /** What was deferred need not wait any longer. */
  hurry(): void {
    this.#rereading.hurry()
  }

  /** What is deferred waits for the next start. */
  stop(): void {
    this.#rereading.stop()
  }

  /**
   * Tries the oldest item. Without one it pings: finds out whether Postgres is there,
   * and where its ledger stands.
   */
  async store(isUrgent: boolean): Promise<StoreTry> {
    const { report, journal, worker } = this.#options
    const { database } = journal
    const item = database === null ? null : this.#freeze()
    const task = this.#expectation.taskOf(item, isUrgent)
    const { outcome, weaknesses, host, durationMs } = await worker.store(task).catch(error => {
      if (item !== null) this.#expectation.addUncertain(item)
      throw error
    })
    if (weaknesses !== null) report.durability(weaknesses)
    if (host !== undefined) report.answeredAt(host)
    const isGood = this.#settle(item, outcome, durationMs)
    return { isGood, hadItem: item !== null, hasCompared: isGood && database !== null }
  }

  /**
   * Passes over the end of a writer that still has something waiting, for whatever reason: it has not ended.
   */
  #freeze(): BacklogItem | null {
    const item = this.#backlog.freeze()
    if (item?.kind !== 'writer' || !this.#options.journal.hasClicks(item.writer)) return item
    this.#backlog.done()
    return this.#freeze()
  }

  /** Does what follows from the outcome. false: the next try waits for a while. */
  #settle(item: BacklogItem | null, outcome: StoreOutcome, durationMs: number): boolean {
    const { report, ledgerReport, journal } = this.#options
    switch (outcome.kind) {
      case 'failed':
        if (outcome.mayBeStored) this.#expectation.addUncertain(item!)
        report.failed(outcome.error)
        return outcome.error.isOfJournal && this.#rereading.defer()
      case 'elsewhere':
        this.#isElsewhere = true
        report.elsewhere()
        ledgerReport.elsewhere(journal.database!, outcome.database)
        return false
      case 'behind':
        for (const stand of outcome.stands) this.#storeAgain(stand)
        return true
      case 'taken':
        return this.#unstorable.taken(item!, this.#expectation.generation)
      case 'outdated':
        this.#unstorable.outdated(item!)
        return true
      case 'newer':
        return this.#unstorable.newer(item!, outcome.file)
      case 'done':
        return this.#done(item, outcome, durationMs)
    }
  }

  #done(item: BacklogItem | null, outcome: StoreOutcome & { kind: 'done' }, durationMs: number): boolean {
    const { memory, report, ledgerReport, journal } = this.#options
    if (journal.database === null && !this.#meet(outcome.database)) return false
    this.#isElsewhere = false
    ledgerReport.atHome()
    if (outcome.ledger === 'ahead') ledgerReport.cloned()
    if (item !== null && !this.#stored(item, outcome.stored)) return false
    // After the item's files have joined the kept ones: with JOURNAL_KEEP_SECONDS=0
    // this removes them at once.
    if (outcome.ledger !== 'unknown') journal.compared()
    const isAllStored = !this.#backlog.hasClicks && grossOf(clicksInRing(memory)) === 0
    report.succeeded(durationMs, outcome.stored?.rows ?? null, isAllStored)
    if (item !== null) this.#rereading.succeeded()
    return true
  }

  /**
   * The first database answers: what earlier processes have left for it comes first.
   * false: not recorded, try again.
   */
  #meet(database: string): boolean {
    const { journal, ledgerReport } = this.#options
    // Recorded before anything is stored: swapped, nobody would know after a crash which
    // database has these clicks.
    const items = journal.meet(database)
    if (items === null) return false
    this.#backlog.putFirst(items)
    ledgerReport.waiting(journal.waiting, database)
    return true
  }

  /** false: what has to be put aside could not be, and all waits for that. */
  #stored(item: BacklogItem, stored: StoredItem | null): boolean {
    const { books, journal, report, ledgerReport } = this.#options
    // Before the item's files are kept, and removed after a while: they alone have these bulks. The next try finds the
    // item stored, and tells of them again.
    if (stored !== null && !this.#unstorable.bulks(item, stored, this.#expectation.generation)) {
      this.#expectation.addUncertain(item)
      return false
    }
    const settled = settledOf(item, stored)
    books.settled(settled, stored?.withoutMinutes)
    this.#backlog.done()
    journal.stored(item, settled, stored?.damaged ?? [])
    if (item.kind === 'files' && !item.isOwn) report.recovered(item, stored!)
    if (!isOwn(item)) return true
    this.#expectation.moveTo(item.generation)
    const lostClicks = grossOf(settled.lost)
    if (lostClicks > 0) ledgerReport.damaged(item.generation, lostClicks)
    return true
  }

  /** Nothing was stored. What the database has lost of a writer comes first now, then the item again. */
  #storeAgain(stand: LedgerStand): void {
    const isOwnStand = stand.writer === this.#options.writer
    const units = isOwnStand ? this.#storeOwnAgain(stand) : this.#replay.ofEarlier(stand)
    if (isOwnStand) this.#expectation.moveTo(stand.generation)
    for (const unit of units) this.#expectation.addUncertain(unit)
    this.#backlog.putFirst(units)
  }

  #storeOwnAgain(stand: LedgerStand): FilesUnit[] {
    const { units, expired } = this.#replay.ofOwn(stand, this.#expectation.generation)
    this.#unstorable.takenBack(expired)
    return units
  }
}
