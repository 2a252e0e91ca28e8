import { clicksInRing, readNumber } from '../books/balance.ts'
import type { ServiceBooks } from '../books/service-books.ts'
import type { BacklogItem } from '../journal/files/item.ts'
import type { Journal } from '../journal/keep/keeper.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { LedgerStand, StoredItem, StoreOutcome } from '../messages.ts'
import type { Backlog } from './backlog.ts'
import { Backoff } from './backoff.ts'
import type { LedgerReport } from './ledger-report.ts'
import type { FlushWorker } from './pool.ts'
import { replayUnits } from './replay.ts'
import type { FlushReport } from './report.ts'

export interface StorerOptions {
  readonly memory: SharedMemory
  readonly books: ServiceBooks
  readonly report: FlushReport
  readonly ledgerReport: LedgerReport
  readonly worker: Pick<FlushWorker, 'store'>
  readonly journal: Journal
  /** This process' id in the ledger. */
  readonly writer: string
}

/**
 * Has the flush worker store the backlog, an item after the other, and does what follows from what comes of it. It
 * knows where the ledger must stand; when that stands lower, the database has gone back, and what it has lost is put
 * before all else again.
 */
export class Storer {
  readonly #options: StorerOptions
  readonly #backlog: Backlog
  /** Of this process: up to this one, everything that is not in the backlog is in the ledger. */
  #ledgerGeneration = 0
  #triedGeneration = 0
  #asideClicks = 0
  #isElsewhere = false
  /** Items that may be stored: nobody knows what became of a try of theirs, or they were stored once. */
  readonly #uncertain = new WeakSet<BacklogItem>()
  readonly #rereading = new Backoff()
  readonly #onResume: () => void

  /** `onResume` is called when something can be stored again that was deferred. */
  constructor(backlog: Backlog, onResume: () => void, options: StorerOptions) {
    this.#backlog = backlog
    this.#onResume = onResume
    this.#options = options
  }

  /** The database that answered last is another one. */
  get isElsewhere(): boolean {
    return this.#isElsewhere
  }

  /** Up to this generation, all of this process is in Postgres, as far as it has had clicks. */
  get ledgerGeneration(): number {
    return this.#ledgerGeneration
  }

  get #isAllStored(): boolean {
    return !this.#backlog.hasClicks && clicksInRing(this.#options.memory) === 0
  }

  /** Clicks of this process that were put aside. */
  get asideClicks(): number {
    return this.#asideClicks
  }

  /**
   * Tries the oldest item; without one, it finds out whether Postgres is there, and where its ledger stands. Resolves
   * with what was tried, and whether it went well.
   */
  async store(isUrgent: boolean): Promise<{ isGood: boolean; hadItem: boolean; hasCompared: boolean }> {
    const { journal, worker, writer } = this.#options
    const { database } = journal
    const item = database === null ? null : this.#freeze()
    if (isOwn(item)) this.#triedGeneration = Math.max(this.#triedGeneration, item.generation)
    const task = {
      item,
      isUrgent,
      mayBeStored: item !== null && (!isOwn(item) || this.#uncertain.has(item)),
      database,
      expected: new Map([...journal.keptGenerations, [writer, this.#ledgerGeneration]]),
      triedGeneration: this.#triedGeneration,
    }
    const { outcome, weaknesses, durationMs } = await worker.store(task).catch(error => {
      if (item !== null) this.#uncertain.add(item)
      throw error
    })
    if (weaknesses !== null) this.#options.report.durability(weaknesses)
    const isGood = this.#settle(item, outcome, durationMs)
    return { isGood, hadItem: item !== null, hasCompared: isGood && database !== null }
  }

  /** A writer of which something waits, for whatever reason, has not ended. */
  #freeze(): BacklogItem | null {
    const item = this.#backlog.freeze()
    if (item?.kind !== 'writer' || !this.#options.journal.hasClicks(item.writer)) return item
    this.#backlog.done()
    return this.#freeze()
  }

  /** Whether it went well: otherwise the next try waits for a while. */
  #settle(item: BacklogItem | null, outcome: StoreOutcome, durationMs: number): boolean {
    const { report, ledgerReport, journal } = this.#options
    switch (outcome.kind) {
      case 'failed':
        if (outcome.mayBeStored) this.#uncertain.add(item!)
        report.failed(outcome.error)
        return outcome.error.isOfJournal && this.#defer()
      case 'elsewhere':
        this.#isElsewhere = true
        report.elsewhere()
        ledgerReport.elsewhere(journal.database!, outcome.database)
        return false
      case 'behind':
        this.#replay(outcome.stands)
        return true
      case 'taken':
        return this.#setAside(item!)
      case 'outdated':
        this.#leave(item!)
        return true
      case 'newer':
        journal.leaveToNewer(outcome.file)
        return this.#leaveToNewer(item!)
      case 'done':
        return this.#done(item, outcome, durationMs)
    }
  }

  #done(item: BacklogItem | null, outcome: StoreOutcome & { kind: 'done' }, durationMs: number): boolean {
    const { report, ledgerReport, journal } = this.#options
    if (journal.database === null) {
      const items = journal.meet(outcome.database)
      if (items === null) return false
      this.#backlog.putFirst(items)
      ledgerReport.waiting(journal.waiting, outcome.database)
    }
    this.#isElsewhere = false
    ledgerReport.atHome()
    if (outcome.ledger === 'ahead') ledgerReport.cloned()
    if (item !== null) this.#stored(item, outcome.stored)
    if (outcome.ledger !== 'unknown') journal.compared()
    report.succeeded(durationMs, outcome.stored?.rows ?? null, this.#isAllStored)
    if (item !== null && !this.#backlog.hasDeferred) this.#allIsReadable()
    return true
  }

  #stored(item: BacklogItem, stored: StoredItem | null): void {
    const { books, journal, report, ledgerReport } = this.#options
    const lostClicks = stored?.lostClicks ?? 0
    books.stored(item.totalClicks, lostClicks)
    this.#backlog.done()
    journal.stored(item, item.totalClicks - lostClicks, stored?.damaged ?? [])
    if (item.kind === 'files' && !item.isOwn) report.recovered(item, stored!)
    if (!isOwn(item)) return
    this.#ledgerGeneration = item.generation
    if (lostClicks > 0) ledgerReport.damaged(item.generation, lostClicks)
  }

  /** What an earlier process has left, and cannot be read now, is tried again later: others come first. */
  #defer(): boolean {
    if (!this.#backlog.defer()) return false
    if (this.#rereading.isOver)
      this.#rereading.fail(() => {
        this.#backlog.resume()
        this.#onResume()
      })
    return true
  }

  #allIsReadable(): void {
    this.#rereading.reset()
    this.#options.report.journalIsReadable()
  }

  /** What was deferred need not wait any longer. */
  hurry(): void {
    this.#rereading.reset()
    this.#backlog.resume()
  }

  stop(): void {
    this.#rereading.reset()
  }

  /** Nothing was stored; what the database has lost comes first now, and then the item again. */
  #replay(stands: readonly LedgerStand[]): void {
    for (const stand of stands) {
      const isOwnStand = stand.writer === this.#options.writer
      const units = isOwnStand ? this.#takeOwnBack(stand) : this.#takeBack(stand)
      for (const unit of units) this.#uncertain.add(unit)
      this.#backlog.putFirst(units)
    }
  }

  #takeOwnBack(stand: LedgerStand) {
    const { memory, books, journal, ledgerReport } = this.#options
    const { items } = journal.takeBack(stand.writer, stand.generation)
    ledgerReport.wentBack(stand, this.#ledgerGeneration, items)
    this.#ledgerGeneration = stand.generation
    const units = replayUnits(items)
    const keptClicks = units.reduce((sum, { totalClicks }) => sum + totalClicks, 0)
    // All that this process has stored, less what the ledger still has of it.
    const missingClicks = readNumber(memory, 'storedClicks') - stand.clicks
    const lostClicks = Math.max(0, missingClicks - keptClicks)
    books.wentBack(keptClicks, lostClicks)
    if (lostClicks > 0) ledgerReport.lost(lostClicks)
    return units
  }

  /** Of an earlier process, whose clicks are not in the books. */
  #takeBack(stand: LedgerStand) {
    const { journal, ledgerReport } = this.#options
    const expected = journal.keptGenerations.get(stand.writer)!
    const { items, isWhole } = journal.takeBack(stand.writer, stand.generation)
    ledgerReport.wentBack(stand, expected, items)
    if (!isWhole) ledgerReport.mayBeLost(stand)
    // It may have ended before: it does so again.
    return [...replayUnits(items), { kind: 'writer', writer: stand.writer, totalClicks: 0 } as const]
  }

  /** Somebody else has stored something under this key: ours waits for somebody to decide. */
  #setAside(item: BacklogItem): boolean {
    const { books, journal, ledgerReport } = this.#options
    if (!isOwn(item) || !journal.setAside(item)) return false
    this.#asideClicks += item.totalClicks
    books.set('asideClicks', this.#asideClicks)
    ledgerReport.putAside(item.generation, item.totalClicks)
    this.#backlog.done()
    return true
  }

  /** No later generation of its writer may be stored before it. */
  #leaveToNewer(item: BacklogItem): boolean {
    if (item.kind === 'batch' || isOwn(item)) return false
    this.#backlog.removeWriter(item.writer)
    return true
  }

  #leave(item: BacklogItem): void {
    if (item.kind === 'batch') return
    this.#options.ledgerReport.outdated(item.writer)
    this.#backlog.removeWriter(item.writer)
  }
}

/** Whether its clicks are in the books of this process. */
function isOwn(item: BacklogItem | null): item is Exclude<BacklogItem, { kind: 'writer' }> {
  return item?.kind === 'batch' || (item?.kind === 'files' && item.isOwn)
}
