import type { Logger } from 'pino'
import { databaseFailure } from '../../db/connection/failure.ts'
import { Keyring } from '../access/keyring.ts'
import type { AccessSnapshot } from '../access/snapshot.ts'
import { counted } from '../base/counted.ts'
import { monotonicMs } from '../base/monotonic.ts'
import type { Conditions } from '../books/conditions.ts'
import type { ServiceBooks } from '../books/service-books.ts'
import type { DatabaseServer } from '../config/config.ts'
import { CONTROL, DATABASE_UP } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

/** Knowledge that is older than this is a condition, unless Postgres is away. */
const STALE_MS = 10_000

interface AccessReportOptions {
  readonly adminKey: string | null
  readonly database: DatabaseServer
  readonly memory: SharedMemory
  readonly books: ServiceBooks
  readonly conditions: Conditions
  readonly log: Logger
}

/** Tells operators of the keys: on /health, and in the log where something changes. Times are of monotonicMs. */
export class AccessReport {
  readonly #options: AccessReportOptions
  readonly #keyring: Keyring
  readonly #startedAtMs = monotonicMs()
  #confirmedAtMs: number | null = null
  #told = ''

  constructor(options: AccessReportOptions) {
    this.#options = options
    this.#keyring = new Keyring({ adminKey: options.adminKey, now: Date.now })
    this.#show()
  }

  /** Another snapshot is in force, and was right at that time. */
  took(snapshot: AccessSnapshot, confirmedAtMs: number): void {
    this.#keyring.replace(snapshot)
    this.confirmed(confirmedAtMs)
  }

  /** What is in force was right at that time. */
  confirmed(atMs: number): void {
    this.#confirmedAtMs = atMs
    this.#show()
    this.#options.conditions.clear('keys_unconfirmed')
  }

  /** Postgres did not tell. While it is away, or its tables are not made, others tell of that. */
  failed(error: unknown): void {
    const { memory, database, conditions } = this.#options
    this.#show()
    const isUp = Atomics.load(memory.i32, CONTROL.databaseState) === DATABASE_UP
    const ageMs = monotonicMs() - (this.#confirmedAtMs ?? this.#startedAtMs)
    if (ageMs < STALE_MS || (!isUp && !this.#keyring.isUnknown)) return
    const { message } = databaseFailure(error, database)
    const effect = this.#keyring.isUnknown
      ? 'The keys are not known: reading is refused, and bulks are taken from everybody'
      : 'The keys are those of a while ago: what was changed since then is not in force'
    conditions.raise('keys_unconfirmed', `${effect}. They cannot be read from Postgres: ${message}`)
  }

  /** Logs what is open and how to close it, unless that was the last line about it. */
  tell(): void {
    const text = this.#sentence()
    if (text === this.#told) return
    this.#told = text
    this.#options.log[this.#keyring.countInForce > 0 ? 'info' : 'warn'](text)
  }

  #sentence(): string {
    const { isOpen, isUnknown, snapshot, countInForce } = this.#keyring
    if (isOpen)
      return 'no key exists: everybody who reaches this port may count and read; npm run keys -- create closes it'
    if (isUnknown)
      return 'the keys are not known yet, neither from Postgres nor from a file of an earlier process: reading is refused, and bulks are taken from everybody'
    if (snapshot === null) return 'ADMIN_KEY alone is in force until Postgres tells the other keys'
    if (countInForce === 0)
      return 'every key has expired: nobody may read or send bulks; npm run keys -- create makes another one'
    const admin = this.#options.adminKey === null ? '' : ', ADMIN_KEY among them'
    return `${counted(countInForce, 'key')} in force${admin}: who reads or sends bulks needs one`
  }

  #show(): void {
    const { memory, books } = this.#options
    books.set('keysInForce', this.#keyring.countInForce)
    books.set('keysConfirmedMs', this.#confirmedAtMs ?? 0)
    // After the time: a reader that finds the keys known also reads since when.
    Atomics.store(memory.i32, CONTROL.keysAreKnown, this.#confirmedAtMs === null ? 0 : 1)
    Atomics.store(memory.i32, CONTROL.keysAreOpen, this.#keyring.isOpen ? 1 : 0)
  }
}
