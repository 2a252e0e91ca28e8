import { type Batch, batchBytes, mergeBatches } from './batch.ts'

/**
 * Batches are merged up to this size, about a second of Postgres' time. Merging is worth while within a
 * minute, whose generations count the same banners; beyond, it would only make transactions longer, and
 * each merge copies the whole batch.
 */
const MERGED_ROWS = 131_072

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
    if (last === undefined || last.bannerIds.length + batch.bannerIds.length > MERGED_ROWS)
      this.#waiting.push(batch)
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
