import { type Batch, batchBytes, mergeBatches } from './batch.ts'

/**
 * A batch of this many rows, about a second of Postgres' time, takes in no more generations: transactions
 * stay short, and so does a merge, which copies the whole batch. Little is lost by it, since only
 * generations of the same minute have keys in common.
 */
const LONG_ROWS = 131_072
/** Unless generations themselves are that long: a batch takes in a few of them in any case. */
const LONG_GENERATIONS = 4

/**
 * The batches that are not in Postgres yet, oldest first. All but the first are *waiting*: never tried, and
 * later generations may still be merged into the last of them. The first is *frozen* once it may have been
 * tried: same key, same clicks, until it is stored.
 */
export class Backlog {
  #frozen: Batch | null = null
  readonly #waiting: Batch[] = []

  get frozen(): Batch | null {
    return this.#frozen
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0
  }

  get isEmpty(): boolean {
    return this.#frozen === null && this.#waiting.length === 0
  }

  get totalClicks(): number {
    return this.#sum(batch => batch.totalClicks)
  }

  get bytes(): number {
    return this.#sum(batchBytes)
  }

  /** Adds a batch that nobody has tried. */
  add(batch: Batch): void {
    const last = this.#waiting.at(-1)
    if (last === undefined || isLong(last, batch)) this.#waiting.push(batch)
    else this.#waiting[this.#waiting.length - 1] = mergeBatches(last, batch)
  }

  /** Adds a batch that may have been tried. Nothing older may be left. */
  addFrozen(batch: Batch): void {
    this.#frozen = batch
  }

  /** Freezes the oldest batch, to be tried now. null: there is none. */
  freeze(): Batch | null {
    this.#frozen ??= this.#waiting.shift() ?? null
    return this.#frozen
  }

  /** The frozen batch is in Postgres. */
  stored(): void {
    this.#frozen = null
  }

  #sum(of: (batch: Batch) => number): number {
    return this.#waiting.reduce((sum, batch) => sum + of(batch), this.#frozen === null ? 0 : of(this.#frozen))
  }
}

function isLong(batch: Batch, next: Batch): boolean {
  return batch.bannerIds.length >= Math.max(LONG_ROWS, LONG_GENERATIONS * next.bannerIds.length)
}
