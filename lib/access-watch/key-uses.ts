import type { KeyUse } from '../messages.ts'
import type { AccessSource } from './access-source.ts'

/** What could not be written is tried again after this time. */
const RETRY_MS = 60_000

/** The days on which keys were used, until they are in Postgres. */
export class KeyUses {
  readonly #source: Pick<AccessSource, 'noteUse'>
  readonly #now: () => number
  /** By the key's id. */
  readonly #days = new Map<string, string>()
  #nextMs = 0

  /** `now`: milliseconds by a clock that never goes back. */
  constructor(source: Pick<AccessSource, 'noteUse'>, now: () => number) {
    this.#source = source
    this.#now = now
  }

  add({ keyId, day }: KeyUse): void {
    this.#days.set(keyId, day)
  }

  /** Writes what there is, unless that has just failed. Never rejects. */
  async write(): Promise<void> {
    if (this.#days.size === 0 || this.#now() < this.#nextMs) return
    const days = new Map(this.#days)
    this.#days.clear()
    try {
      await this.#source.noteUse(days)
    } catch {
      // What was used again meanwhile is newer.
      for (const [keyId, day] of days) if (!this.#days.has(keyId)) this.#days.set(keyId, day)
      this.#nextMs = this.#now() + RETRY_MS
    }
  }
}
