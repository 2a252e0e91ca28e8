import type { BacklogItem, EndedWriter, FilesUnit } from '../journal/files/item.ts'
import { type Batch, batchBytes, batchLength, mergeBatches } from '../rows/batch.ts'
import { grossOf } from '../rows/classes.ts'
import { discardRows } from '../rows/rows.ts'
import { isOwn } from './ledger-expectation.ts'

/**
 * A batch of this many rows takes in no more generations. Postgres needs half a second for it: transactions
 * stay short, and so does a merge, which copies the whole batch. A longer batch would save few rows, since
 * only generations of the same minute have keys in common.
 */
export const LONG_ROWS = 131_072
/** When generations themselves are that long, a batch takes in so many of them all the same. */
const LONG_GENERATIONS = 4

/**
 * What is not in Postgres yet, oldest first. An item is in one of three lists:
 *
 * - *frozen*: it keeps its key and its clicks until it is stored. These are the first item, once it may have
 *   been tried, and items that were put before it.
 * - *waiting*: this process has never tried it. Later generations may still be merged into the last one.
 * - *deferred*: earlier writers have left it, and it cannot be read now. It comes
 *   back when it is tried again.
 *
 * Its batches are main's only copies. The backlog gives back the memory of a batch that has become part of
 * another one, that waits in a file, or that is stored.
 */
export class Backlog {
  readonly #spill: (batch: Batch) => BacklogItem
  readonly #frozen: BacklogItem[] = []
  readonly #waiting: BacklogItem[] = []
  readonly #deferred: BacklogItem[] = []

  /**
   * `spill` is given each batch that takes in no more. What it returns waits in its
   * place, with the same clicks.
   */
  constructor(spill: (batch: Batch) => BacklogItem = batch => batch) {
    this.#spill = spill
  }

  get isEmpty(): boolean {
    return this.#frozen.length === 0 && this.#waiting.length === 0
  }

  /** Without clicks, only ends of writers are left. The next process can store these as well. */
  get hasClicks(): boolean {
    return this.#items.some(isOfClicks)
  }

  /** Clicks that are not deferred. */
  get hasStorableClicks(): boolean {
    return this.#storable.some(isOfClicks)
  }

  /** Something of this process waits. */
  get hasOwn(): boolean {
    return this.#items.some(isOwn)
  }

  /** Files that earlier writers have left, deferred ones as well. */
  get earlierFiles(): readonly FilesUnit[] {
    return this.#items.filter((item): item is FilesUnit => item.kind === 'files' && !item.isOwn)
  }

  get hasDeferred(): boolean {
    return this.#deferred.length > 0
  }

  /** Gross. */
  get totalClicks(): number {
    return this.#sum(item => grossOf(item.totals))
  }

  /** Memory that batches hold. Files are the journal's. */
  get bytes(): number {
    return this.#sum(item => (item.kind === 'batch' ? batchBytes(item) : 0))
  }

  /**
   * Adds a batch that nobody has tried. Returns the batch that has its clicks now: itself, or a merged one.
   */
  add(batch: Batch): Batch {
    const last = this.#waiting.at(-1)
    if (last?.kind === 'batch' && !isLong(last, batch)) {
      const merged = mergeBatches(last, batch)
      this.#waiting[this.#waiting.length - 1] = merged
      // After the merged one is in: a merge may fail for want of memory, and until then
      // these are the only copies.
      discardRows(last)
      discardRows(batch)
      return merged
    }
    if (last?.kind === 'batch') {
      const item = this.#spill(last)
      this.#waiting[this.#waiting.length - 1] = item
      if (item !== last) discardRows(last)
    }
    this.#waiting.push(batch)
    return batch
  }

  /** Adds something that is not out of the ring. */
  addItem(item: FilesUnit | EndedWriter): void {
    this.#waiting.push(item)
  }

  /** Puts items before all others, in this order. */
  putFirst(items: readonly (FilesUnit | EndedWriter)[]): void {
    this.#frozen.unshift(...items)
  }

  /** Whether the batch that was added last is not frozen yet. */
  isWaiting(batch: Batch): boolean {
    return this.#waiting.at(-1) === batch
  }

  /** Freezes the oldest item before its first try. null: there is none. */
  freeze(): BacklogItem | null {
    const [oldest] = this.#frozen.length === 0 ? this.#waiting.splice(0, 1) : []
    if (oldest !== undefined) this.#frozen.push(oldest)
    return this.#frozen[0] ?? null
  }

  /**
   * The first item cannot be read now. If an earlier writer has left it, it steps aside with
   * everything of that writer, which has to come after it. false: the item is this process's own, and
   * everything has to wait for it.
   */
  defer(): boolean {
    const [item] = this.#frozen
    if (item?.kind !== 'files' || item.isOwn) return false
    // What was deferred of this writer earlier comes last: the others are older, since a database
    // that went back lacks them.
    this.#deferred.unshift(...this.#takeOut(item.writer))
    return true
  }

  /** What was deferred comes next. */
  resume(): void {
    this.#waiting.unshift(...this.#deferred.splice(0))
  }

  /** Takes out everything of another writer, what was deferred as well. It stays in the journal. */
  removeWriter(writer: string): void {
    this.#takeOut(writer)
  }

  /** Takes out everything of a writer, and returns it in order. */
  #takeOut(writer: string): BacklogItem[] {
    const isOfWriter = (item: BacklogItem) => item.kind !== 'batch' && item.writer === writer
    return [this.#frozen, this.#waiting, this.#deferred].flatMap(items => {
      const taken = items.filter(isOfWriter)
      items.splice(0, items.length, ...items.filter(item => !isOfWriter(item)))
      return taken
    })
  }

  /** Takes the first item out: it is in Postgres, or must not be stored. */
  done(): void {
    const first = this.#frozen.shift()
    if (first?.kind === 'batch') discardRows(first)
  }

  #sum(of: (item: BacklogItem) => number): number {
    return this.#items.reduce((sum, item) => sum + of(item), 0)
  }

  get #items(): BacklogItem[] {
    return [...this.#storable, ...this.#deferred]
  }

  get #storable(): BacklogItem[] {
    return [...this.#frozen, ...this.#waiting]
  }
}

function isOfClicks({ kind }: BacklogItem): boolean {
  return kind !== 'writer'
}

function isLong(batch: Batch, next: Batch): boolean {
  return batchLength(batch) >= Math.max(LONG_ROWS, LONG_GENERATIONS * batchLength(next))
}
