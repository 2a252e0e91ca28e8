import type { Logger } from 'pino'
import type { ServiceBooks } from '../health/books.ts'
import { writeText } from '../health/shared-text.ts'
import type { FilesUnit } from '../journal/recovery.ts'
import type { FlushFailure, StoredItem } from '../messages.ts'
import { CONTROL, DATABASE_DOWN, DATABASE_UP, type SharedMemory } from '../ring/layout.ts'

/** A failure that goes on is logged once in this time. */
const LOG_INTERVAL_MS = 30_000

/** What operators are told of flushes and the database: on /health, and in the log where something changes. */
export class FlushReport {
  readonly #memory: SharedMemory
  readonly #books: ServiceBooks
  readonly #log: Logger
  #failuresInRow = 0
  #failuresEver = 0
  #lastLogMs = Number.NEGATIVE_INFINITY

  constructor(memory: SharedMemory, books: ServiceBooks, log: Logger) {
    this.#memory = memory
    this.#books = books
    this.#log = log
  }

  /** `rows` is null when there was nothing to store and Postgres was only asked whether it is there. */
  succeeded(durationMs: number, rows: number | null): void {
    Atomics.store(this.#memory.i32, CONTROL.databaseState, DATABASE_UP)
    writeText(this.#memory, 'databaseLastError', '')
    if (this.#failuresInRow > 0)
      this.#log.info({ failures: this.#failuresInRow }, 'the database takes flushes again')
    this.#failuresInRow = 0
    this.#lastLogMs = Number.NEGATIVE_INFINITY
    if (rows === null) return
    writeText(this.#memory, 'flushLastError', '')
    this.#books.set('flushLastAtMs', Date.now())
    this.#books.set('flushLastDurationMs', durationMs)
    this.#books.set('flushLastRows', rows)
  }

  /** Clicks of an earlier process, of one of its generations, are in Postgres now. */
  recovered(unit: FilesUnit, stored: StoredItem): void {
    const { writer, generation, names } = unit
    this.#log.info(
      { writer, generation, files: names.length, clicks: stored.clicks },
      `recovered ${stored.clicks} clicks that an earlier process had accepted`,
    )
  }

  failed(failure: FlushFailure): void {
    const text = `${failure.code}: ${failure.message}`
    // A statement that is refused was refused by a database that is there.
    if (failure.isPermanent) Atomics.store(this.#memory.i32, CONTROL.databaseState, DATABASE_UP)
    else this.databaseDown(text)
    this.#count(text)
    this.#logFailure(
      failure,
      failure.isPermanent
        ? 'the database refuses the flush; clicks are kept until its tables are mended'
        : 'the database does not take the flush; clicks are kept and it is tried again',
    )
  }

  /** The database was asked outside a flush, and in vain. */
  databaseDown(text: string): void {
    Atomics.store(this.#memory.i32, CONTROL.databaseState, DATABASE_DOWN)
    writeText(this.#memory, 'databaseLastError', text)
  }

  /** The flush worker died over a task, or the task threw. */
  taskFailed(task: 'collecting' | 'storing', error: Error): void {
    this.#count(`flush worker, ${task}: ${error.message}`)
    this.#log.error({ err: error, task }, 'the flush worker failed, and does it again')
  }

  lost(generation: number, clicks: number): void {
    this.#log.error({ generation, clicks }, 'the ring held fewer clicks than its threads had booked')
  }

  #count(text: string): void {
    this.#failuresInRow++
    this.#books.set('flushFailures', ++this.#failuresEver)
    writeText(this.#memory, 'flushLastError', text)
  }

  #logFailure(failure: FlushFailure, message: string): void {
    const nowMs = performance.now()
    if (nowMs - this.#lastLogMs < LOG_INTERVAL_MS) return
    this.#lastLogMs = nowMs
    this.#log.warn({ code: failure.code, reason: failure.message, failures: this.#failuresInRow }, message)
  }
}
