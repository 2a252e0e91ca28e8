import type { BacklogItem, EndedWriter, FilesUnit } from '../journal/files/item.ts'
import { type Batch, mergeBatches } from '../rows/batch.ts'
import { discardRows, rowsBytes } from '../rows/rows.ts'

/**
 * A batch of this many rows, half a second of Postgres' time, takes in no more generations: transactions
 * stay short, and so does a merge, which copies the whole batch. Little is lost by it, since only
 * generations of the same minute have keys in common.
 */
export const LONG_ROWS = 131_072
/** Unless generations themselves are that long: a batch takes in a few of them in any case. */
const LONG_GENERATIONS = 4

/**
 * What is not in Postgres yet, oldest first. Some at its beginning are *frozen*: same key, same clicks, until they
 * are stored. That is the first one, once it may have been tried, and what is put before it. All others are
 * *waiting*: never tried by this process, and later generations may still be merged into the last of them. What earlier
 * writers have left may be *deferred*: it stands beside the others until it can be read again.
 *
 * Its batches are main's only copies. It discards those that have become part of another one, wait in a file,
 * or are stored.
 */
export class Backlog {
  readonly #spill: (batch: Batch) => BacklogItem
  readonly #frozen: BacklogItem[] = []
  readonly #waiting: BacklogItem[] = []
  readonly #deferred: BacklogItem[] = []

  /** `spill` gets each batch that takes in no more; what it returns, the same clicks, waits in its place. */
  constructor(spill: (batch: Batch) => BacklogItem = batch => batch) {
    this.#spill = spill
  }

  get isEmpty(): boolean {
    return this.#frozen.length === 0 && this.#waiting.length === 0
  }

  /** Otherwise there are, at the most, writers to forget, which can as well be done another time. */
  get hasClicks(): boolean {
    return this.#items.some(isOfClicks)
  }

  /** The same, but for what is deferred. */
  get hasStorableClicks(): boolean {
    return this.#storable.some(isOfClicks)
  }

  get hasDeferred(): boolean {
    return this.#deferred.length > 0
  }

  get totalClicks(): number {
    return this.#sum(item => item.totalClicks)
  }

  /** Memory that batches hold. */
  get bytes(): number {
    return this.#sum(item => (item.kind === 'batch' ? rowsBytes(item) : 0))
  }

  /** Adds a batch that nobody has tried. Returns the batch that it has become, or become part of. */
  add(batch: Batch): Batch {
    const last = this.#waiting.at(-1)
    if (last?.kind === 'batch' && !isLong(last, batch)) {
      const merged = mergeBatches(last, batch)
      this.#waiting[this.#waiting.length - 1] = merged
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

  /** Adds something that is not from the ring. */
  addItem(item: FilesUnit | EndedWriter): void {
    this.#waiting.push(item)
  }

  /** Puts items before all others, in this order. */
  putFirst(items: readonly (FilesUnit | EndedWriter)[]): void {
    this.#frozen.unshift(...items)
  }

  /** Whether the batch, which was the last one to be added, was not frozen yet. */
  isWaiting(batch: Batch): boolean {
    return this.#waiting.at(-1) === batch
  }

  /** Freezes the oldest item, to be tried now. null: there is none. */
  freeze(): BacklogItem | null {
    const [oldest] = this.#frozen.length === 0 ? this.#waiting.splice(0, 1) : []
    if (oldest !== undefined) this.#frozen.push(oldest)
    return this.#frozen[0] ?? null
  }

  /**
   * The first item cannot be read now. If an earlier writer has left it, it steps aside with all that has to come
   * after it, which is that writer's. false: it is this process's own, and everything has to wait for it.
   */
  defer(): boolean {
    const [item] = this.#frozen
    if (item?.kind !== 'files' || item.isOwn) return false
    // Before what was deferred of it earlier: only a database that went back puts older generations first again.
    this.#deferred.unshift(...this.#takeOut(item.writer))
    return true
  }

  /** What was deferred comes next. */
  resume(): void {
    this.#waiting.unshift(...this.#deferred.splice(0))
  }

  /** What is of another writer stays out. */
  removeWriter(writer: string): void {
    this.#takeOut(writer)
  }

  /** In order. */
  #takeOut(writer: string): BacklogItem[] {
    const isOfWriter = (item: BacklogItem) => item.kind !== 'batch' && item.writer === writer
    return [this.#frozen, this.#waiting].flatMap(items => {
      const taken = items.filter(isOfWriter)
      items.splice(0, items.length, ...items.filter(item => !isOfWriter(item)))
      return taken
    })
  }

  /** The first item is in Postgres, or nobody's business here any more. */
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
  return batch.bannerIds.length >= Math.max(LONG_ROWS, LONG_GENERATIONS * next.bannerIds.length)
}
