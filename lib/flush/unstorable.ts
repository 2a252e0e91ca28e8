import type { ServiceBooks } from '../books/service-books.ts'
import type { BacklogItem } from '../journal/files/item.ts'
import { underOwnKey } from '../journal/keep/aside-bulks.ts'
import type { Journal } from '../journal/keep/keeper.ts'
import type { StoredItem } from '../messages.ts'
import { grossOf } from '../rows/classes.ts'
import { clicksOf } from '../rows/keyed-bulks.ts'
import type { Backlog } from './backlog.ts'
import { isOwn } from './ledger-expectation.ts'
import type { LedgerReport } from './ledger-report.ts'

interface UnstorableOptions {
  readonly books: Pick<ServiceBooks, 'set'>
  readonly ledgerReport: Pick<LedgerReport, 'putAside' | 'outdated' | 'conflicts' | 'expired'>
  readonly journal: Pick<Journal, 'setAside' | 'setBulksAside' | 'leaveToNewer'>
}

/**
 * Takes the backlog's first item out when it must not be stored: its clicks wait in the
 * journal for somebody to decide.
 */
export class Unstorable {
  readonly #backlog: Backlog
  readonly #options: UnstorableOptions
  #asideClicks = 0
  #asideAfterGeneration = Number.POSITIVE_INFINITY

  constructor(backlog: Backlog, options: UnstorableOptions) {
    this.#backlog = backlog
    this.#options = options
  }

  /** Clicks of this process that were put aside. */
  get asideClicks(): number {
    return this.#asideClicks
  }

  /** None of them is in a generation up to this one. */
  get asideAfterGeneration(): number {
    return this.#asideAfterGeneration
  }

  /**
   * Somebody else has stored something under this key. `ledgerGeneration`: all of this process up to it was stored
   * before. false: its files could not be moved, and all waits for that.
   */
  taken(item: BacklogItem, ledgerGeneration: number): boolean {
    const { journal, ledgerReport } = this.#options
    // Before it leaves the backlog: when the next item is stored, all older files of this
    // process that wait are removed.
    if (!isOwn(item) || !journal.setAside(item)) return false
    const clicks = grossOf(item.totals)
    this.#addAside(clicks, ledgerGeneration)
    ledgerReport.putAside(item.generation, clicks)
    this.#backlog.done()
    return true
  }

  /**
   * Some keyed bulks of an item that was stored were not. false: they could not be put aside, and all waits for that.
   * To be called before the item's files are removed. `ledgerGeneration`: as above.
   */
  bulks(item: BacklogItem, { conflicts, expired }: StoredItem, ledgerGeneration: number): boolean {
    const { journal, ledgerReport } = this.#options
    if (item.kind === 'writer' || conflicts.length + expired.length === 0) return true
    if (!journal.setBulksAside(item, [...conflicts.map(underOwnKey), ...expired])) return false
    if (conflicts.length > 0) ledgerReport.conflicts(conflicts)
    if (expired.length > 0) ledgerReport.expired(expired)
    if (isOwn(item)) this.#addAside(grossOf(clicksOf(expired)), ledgerGeneration)
    return true
  }

  /** So many clicks that were put aside are to be stored again. */
  takenBack(clicks: number): void {
    this.#addAside(-clicks, Number.POSITIVE_INFINITY)
  }

  #addAside(clicks: number, ledgerGeneration: number): void {
    this.#asideClicks += clicks
    const after = Math.min(this.#asideAfterGeneration, ledgerGeneration)
    this.#asideAfterGeneration = this.#asideClicks === 0 ? Number.POSITIVE_INFINITY : after
    this.#options.books.set('asideClicks', this.#asideClicks)
  }

  /** The item's writer is so old that it may have been stored. */
  outdated(item: BacklogItem): void {
    if (item.kind === 'batch') return
    this.#options.ledgerReport.outdated(item.writer)
    this.#backlog.removeWriter(item.writer)
  }

  /**
   * A newer program has written the file. false: the item is this process's own, and
   * everything has to wait for it.
   */
  newer(item: BacklogItem, file: string): boolean {
    this.#options.journal.leaveToNewer(file)
    if (isOwn(item)) return false
    // All of the writer: no generation may be stored before an older one.
    this.#backlog.removeWriter(item.writer)
    return true
  }
}
