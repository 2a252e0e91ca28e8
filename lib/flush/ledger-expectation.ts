import type { BacklogItem, EndedWriter } from '../journal/files/item.ts'
import type { Journal } from '../journal/keep/keeper.ts'
import type { StoreTask } from '../messages.ts'

interface ExpectationOptions {
  readonly journal: Pick<Journal, 'database' | 'keptGenerations'>
  /** This process's id in the ledger. */
  readonly writer: string
}

/** What this process expects of the ledger: where it stands, and which items may be in it already. */
export class LedgerExpectation {
  readonly #options: ExpectationOptions
  #generation = 0
  #triedGeneration = 0
  /** A try of theirs got no answer, or they were stored before the database went back. */
  readonly #uncertain = new WeakSet<BacklogItem>()

  constructor(options: ExpectationOptions) {
    this.#options = options
  }

  /** Up to this one, all of this process that is not in the backlog is in Postgres. */
  get generation(): number {
    return this.#generation
  }

  /** By writer, the generation that the ledger has reached at least: of this process, and of those with kept files. */
  get expected(): ReadonlyMap<string, number> {
    const { journal, writer } = this.#options
    return new Map([...journal.keptGenerations, [writer, this.#generation]])
  }

  /** An item of this process was stored, or the database went back. */
  moveTo(generation: number): void {
    this.#generation = generation
  }

  /** The item may be stored: from now on it is no alarm to find it in the ledger. */
  addUncertain(item: BacklogItem): void {
    this.#uncertain.add(item)
  }

  /** The next try of an item, or a ping. */
  taskOf(item: BacklogItem | null, isUrgent: boolean): StoreTask {
    const { journal } = this.#options
    if (isOwn(item)) this.#triedGeneration = Math.max(this.#triedGeneration, item.generation)
    return {
      item,
      isUrgent,
      mayBeStored: item !== null && (!isOwn(item) || this.#uncertain.has(item)),
      database: journal.database,
      expected: this.expected,
      triedGeneration: this.#triedGeneration,
    }
  }
}

/** Whether its clicks are in the books of this process. */
export function isOwn(item: BacklogItem | null): item is Exclude<BacklogItem, EndedWriter> {
  return item?.kind === 'batch' || (item?.kind === 'files' && item.isOwn)
}
