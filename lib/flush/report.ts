import type { Logger } from 'pino'
import { DATABASE_REASONS, type DatabaseFailure, type DatabaseReason } from '../../db/connection/failure.ts'
import { counted } from '../base/counted.ts'
import type { Conditions } from '../books/conditions.ts'
import { Durations } from '../books/durations.ts'
import type { ServiceBooks } from '../books/service-books.ts'
import type { FilesUnit } from '../journal/files/item.ts'
import { CONTROL, DATABASE_DOWN, DATABASE_UP } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { readText, writeText } from '../memory/shared-text.ts'
import type { CollectResult, FlushFailure, StoredItem } from '../messages.ts'
import { STALL_MS } from './stall-watch.ts'

/** A failure that lasts is logged once in this time. */
const LOG_INTERVAL_MS = 30_000

/** Tells operators of flushes and of the database: on /health, and in the log where something changes. */
export class FlushReport {
  readonly #memory: SharedMemory
  readonly #books: ServiceBooks
  readonly #conditions: Conditions
  readonly #log: Logger
  readonly #durations: Durations
  #failuresInRow = 0
  #failuresEver = 0
  #rowsEver = 0
  #isBacklogFull = false
  #lastLogMs = Number.NEGATIVE_INFINITY

  constructor(memory: SharedMemory, books: ServiceBooks, conditions: Conditions, log: Logger) {
    this.#memory = memory
    this.#books = books
    this.#conditions = conditions
    this.#log = log
    this.#durations = new Durations(memory, memory.flushDurationsIndex)
  }

  /**
   * Postgres has answered. `rows` is null when nothing was stored, as after a ping. A failure is over with
   * the next flush that stores something, or when nothing is left to store.
   */
  succeeded(durationMs: number, rows: number | null, isAllStored: boolean): void {
    this.#databaseUp()
    if (this.#failuresInRow > 0)
      this.#log.info({ failures: this.#failuresInRow }, 'the database takes flushes again')
    this.#failuresInRow = 0
    this.#lastLogMs = Number.NEGATIVE_INFINITY
    if (rows !== null || isAllStored) {
      writeText(this.#memory, 'flushLastError', '')
      this.#blame(null, '')
    }
    if (rows === null) return
    this.#durations.add(durationMs)
    this.#books.set('flushLastAtMs', Date.now())
    this.#books.set('flushLastDurationMs', durationMs)
    this.#books.set('flushLastRows', rows)
    this.#books.set('flushRows', (this.#rowsEver += rows))
  }

  /** With several hosts: this one has answered. The log has a line when it is another one than before. */
  answeredAt(host: string): void {
    if (host === readText(this.#memory, 'databaseHost')) return
    writeText(this.#memory, 'databaseHost', host)
    this.#log.info(`the database is at ${host} now`)
  }

  /** Clicks that an earlier process had accepted are in Postgres now. */
  recovered(unit: FilesUnit, stored: StoredItem): void {
    const { writer, generation, names } = unit
    this.#log.info(
      { writer, generation, files: names.length, clicks: stored.clicks },
      `recovered ${counted(stored.clicks, 'click')} that an earlier process had accepted`,
    )
  }

  failed(failure: FlushFailure): void {
    if (failure.isOfJournal) {
      this.#journalIsUnreadable(failure)
      return
    }
    this.#count(this.#show(failure))
    this.#logFailure(
      failure,
      failure.isPermanent
        ? 'the database refuses the flush; clicks are kept until its tables are mended'
        : 'the database does not take the flush; clicks are kept and it is tried again',
    )
  }

  /**
   * Another database than ours answers, and has its tables. Nobody knows now whether ours is still at fault.
   */
  elsewhere(): void {
    this.#databaseUp()
    this.#blame(null, '')
  }

  /** The tables could not be made ready. The log has a line when the reason changes. */
  notPrepared(failure: DatabaseFailure): void {
    const text = this.#show(failure)
    if (failure.reason === null && text !== readText(this.#memory, 'flushLastError'))
      this.#log.warn({ reason: text }, 'the tables cannot be prepared yet; clicks are counted and wait')
    writeText(this.#memory, 'flushLastError', text)
  }

  /** Shows a failure on /health. Returns its text for the last error. */
  #show({ code, message, reason, isReached }: DatabaseFailure): string {
    const text = `${code}: ${message}`
    if (isReached) this.#databaseUp()
    else this.#databaseDown(text)
    this.#blame(reason, message)
    return text
  }

  /** Raises the condition of why the last try failed, and clears the others. null: clears all. */
  #blame(reason: DatabaseReason | null, text: string): void {
    for (const other of DATABASE_REASONS) if (other !== reason) this.#conditions.clear(other)
    if (reason !== null) this.#conditions.raise(reason, text)
  }

  #journalIsUnreadable({ message }: FlushFailure): void {
    this.#books.set('flushFailures', ++this.#failuresEver)
    this.#conditions.raise(
      'journal_unreadable',
      `What waits in the journal cannot be read now, and is tried again: ${message}.`,
    )
  }

  journalIsReadable(): void {
    this.#conditions.clear('journal_unreadable')
  }

  /** Why the database might lose what it has committed, a sentence each. */
  durability(weaknesses: readonly string[]): void {
    if (weaknesses.length === 0) this.#conditions.clear('database_not_durable')
    else this.#conditions.raise('database_not_durable', weaknesses.join(' '))
  }

  #databaseDown(text: string): void {
    const { i32 } = this.#memory
    // Before the state: a thread that reads "down" also reads since when. Swapped, it could read
    // when the last outage began.
    if (Atomics.load(i32, CONTROL.databaseState) !== DATABASE_DOWN)
      this.#books.set('databaseDownSinceMs', Date.now())
    Atomics.store(i32, CONTROL.databaseState, DATABASE_DOWN)
    writeText(this.#memory, 'databaseLastError', text)
  }

  /** Has the request threads refuse clicks for want of room, or accept them. The log tells of each change. */
  backlogIsFull(isFull: boolean): void {
    this.#books.setBacklogIsFull(isFull)
    if (isFull && !this.#isBacklogFull)
      this.#log.error('what waits for the database has used up its space: clicks are refused')
    if (!isFull && this.#isBacklogFull) this.#log.info('there is room again: clicks are accepted')
    this.#isBacklogFull = isFull
  }

  /** The flush worker died over a task, or the task threw. */
  taskFailed(task: 'collecting' | 'storing', error: Error): void {
    this.#count(`flush worker, ${task}: ${error.message}`)
    this.#log.error({ err: error, task }, 'the flush worker failed, and does it again')
  }

  /**
   * Tasks of the flush worker that have come no further for longer than any limit
   * allows. None: the stall is over.
   */
  stalled(tasks: readonly string[]): void {
    if (tasks.length === 0) {
      this.#conditions.clear('flush_stalled')
      return
    }
    this.#conditions.raise(
      'flush_stalled',
      `The flush worker has not come any further with ${tasks.join(' and ')} for ${STALL_MS / 1000} s; clicks wait in the journal. A restart loses nothing.`,
    )
  }

  /** A generation held fewer clicks than were booked: a fault of this program. */
  ringLost(generation: number, clicks: number): void {
    this.#log.error({ generation, clicks }, 'the ring held fewer clicks than its threads had booked')
  }

  /** A thread died in a generation, and its half was taken because of what is wrong with the journal. */
  ringTaken(generation: number, journalFault: NonNullable<CollectResult['journalFault']>): void {
    const fault = journalFault === 'unreadable' ? 'cannot be read' : 'holds less than was booked'
    this.#log.warn(
      { generation },
      `a request thread died, and its journal ${fault}: the ring was taken, which may hold a part of a bulk that got no answer`,
    )
  }

  #databaseUp(): void {
    Atomics.store(this.#memory.i32, CONTROL.databaseState, DATABASE_UP)
    writeText(this.#memory, 'databaseLastError', '')
  }

  #count(text: string): void {
    this.#failuresInRow++
    this.#books.set('flushFailures', ++this.#failuresEver)
    writeText(this.#memory, 'flushLastError', text)
  }

  /** A failure with a reason is logged as a condition, by that reason. */
  #logFailure(failure: FlushFailure, message: string): void {
    if (failure.reason !== null) return
    const nowMs = performance.now()
    if (nowMs - this.#lastLogMs < LOG_INTERVAL_MS) return
    this.#lastLogMs = nowMs
    this.#log.warn({ code: failure.code, reason: failure.message, failures: this.#failuresInRow }, message)
  }
}
