import type { Logger } from 'pino'
import { Keyring } from '../access/keyring.ts'
import type { AccessSnapshot } from '../access/snapshot.ts'
import { counted } from '../base/counted.ts'
import { CONTROL } from '../memory/layout.ts'
import { Confirmation, type ConfirmationOptions } from '../watch/confirmation.ts'

interface AccessReportOptions extends ConfirmationOptions {
  readonly adminKey: string | null
  readonly log: Logger
}

/** Tells operators of the keys: on /health, and in the log where something changes. Times are of monotonicMs. */
export class AccessReport {
  readonly #options: AccessReportOptions
  readonly #keyring: Keyring
  readonly #confirmation: Confirmation
  #told = ''

  constructor(options: AccessReportOptions) {
    this.#options = options
    this.#keyring = new Keyring({ adminKey: options.adminKey, now: Date.now })
    this.#confirmation = new Confirmation('keys', options)
    this.#show()
  }

  /** Another snapshot is in force, and was right at that time. */
  took(snapshot: AccessSnapshot, confirmedAtMs: number): void {
    this.#keyring.replace(snapshot)
    this.confirmed(confirmedAtMs)
  }

  /** What is in force was right at that time. */
  confirmed(atMs: number): void {
    this.#show()
    this.#confirmation.confirmed(atMs)
  }

  /** Postgres did not tell. */
  failed(error: unknown): void {
    this.#show()
    const { isUnknown } = this.#keyring
    const effect = isUnknown
      ? 'The keys are not known: reading is refused, and bulks are taken from everybody.'
      : 'The keys are those of a while ago: what was changed since then is not in force.'
    this.#confirmation.failed(error, { isUnknown, effect })
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
    Atomics.store(memory.i32, CONTROL.keysAreOpen, this.#keyring.isOpen ? 1 : 0)
  }
}
