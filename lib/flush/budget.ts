import type { Journal } from '../journal/keep/keeper.ts'
import type { Backlog } from './backlog.ts'
import type { FlushReport } from './report.ts'

export interface BudgetOptions {
  /** What waits for Postgres may take so many bytes, in memory and on disk. */
  readonly maxBacklogBytes: number
  readonly journal: Pick<Journal, 'measure' | 'limitKept'>
  readonly report: Pick<FlushReport, 'backlogIsFull'>
}

/** The bytes that what waits for Postgres may take. Clicks are refused while they are used up. */
export class Budget {
  readonly #backlog: Pick<Backlog, 'bytes'>
  readonly #options: BudgetOptions
  #journalBytes = 0

  constructor(backlog: Pick<Backlog, 'bytes'>, options: BudgetOptions) {
    this.#backlog = backlog
    this.#options = options
  }

  /**
   * To be called every second or so: looks how large the journal is. Kept files get the room that is left.
   */
  measure(): void {
    const { journal, maxBacklogBytes } = this.#options
    this.#journalBytes = journal.measure(Date.now()) ?? this.#journalBytes
    journal.limitKept(maxBacklogBytes - this.#usedBytes)
    this.check()
  }

  /** To be called when the backlog has grown or shrunk. */
  check(): void {
    this.#options.report.backlogIsFull(this.#usedBytes >= this.#options.maxBacklogBytes)
  }

  get #usedBytes(): number {
    return this.#backlog.bytes + this.#journalBytes
  }
}
