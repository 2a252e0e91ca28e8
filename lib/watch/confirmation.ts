import { databaseFailure } from '../../db/connection/failure.ts'
import { monotonicMs } from '../base/monotonic.ts'
import type { Conditions } from '../books/conditions.ts'
import type { ServiceBooks } from '../books/service-books.ts'
import type { DatabaseServer } from '../config/config.ts'
import { CONTROL, DATABASE_UP } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

/** Knowledge that is older than this is a condition, unless Postgres is away. */
const STALE_MS = 10_000

export interface ConfirmationOptions {
  readonly database: DatabaseServer
  readonly memory: SharedMemory
  readonly books: ServiceBooks
  readonly conditions: Conditions
}

/**
 * Tells on /health when Postgres last confirmed the keys, or the banners, that are in force. A condition says so while
 * it should, and does not.
 */
export class Confirmation {
  readonly #what: 'keys' | 'banners'
  readonly #options: ConfirmationOptions
  readonly #startedAtMs = monotonicMs()
  #atMs: number | null = null

  constructor(what: 'keys' | 'banners', options: ConfirmationOptions) {
    this.#what = what
    this.#options = options
  }

  /** What is in force was right at that time, by monotonicMs. */
  confirmed(atMs: number): void {
    const { memory, books, conditions } = this.#options
    this.#atMs = atMs
    books.set(`${this.#what}ConfirmedMs`, atMs)
    // After the time: a reader that finds them known also reads since when.
    Atomics.store(memory.i32, CONTROL[`${this.#what}AreKnown`], 1)
    conditions.clear(`${this.#what}_unconfirmed`)
  }

  /** Postgres did not tell. While it is away, others tell of that, unless nothing is known. `effect`: a sentence. */
  failed(error: unknown, { isUnknown, effect }: { isUnknown: boolean; effect: string }): void {
    const { memory, database, conditions } = this.#options
    const isUp = Atomics.load(memory.i32, CONTROL.databaseState) === DATABASE_UP
    const ageMs = monotonicMs() - (this.#atMs ?? this.#startedAtMs)
    if (ageMs < STALE_MS || (!isUp && !isUnknown)) return
    const { message } = databaseFailure(error, database)
    conditions.raise(`${this.#what}_unconfirmed`, `${effect} They cannot be read from Postgres: ${message}`)
  }
}
