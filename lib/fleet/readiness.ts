import { CONTROL } from '../memory/layout.ts'
import { READINESS_OUTDATED, READINESS_READY, READINESS_STARTING } from '../memory/readiness.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

/** A Postgres that takes longer, as for a migration, is as one that is away: clicks are worth more than the promise. */
const WAIT_MS = 10_000

/** What came of making the tables ready. newer: than this program. missing: they cannot be made ready now. */
export type TablesState = 'ready' | 'newer' | 'missing'

/**
 * Tells orchestrators when clicks may be sent here: once the row of this instance is committed, so that whoever is told
 * that all is stored through an instant is told so with this instance in mind. Without Postgres, it serves without a
 * row. A program that is older than the tables is not ready, so that a deploy of it stops.
 */
export class Readiness {
  readonly #memory: SharedMemory
  /** Resolves when this instance is ready for the first time, or is found to be outdated. */
  readonly settled: Promise<void>
  readonly #settle: () => void
  readonly #timer: NodeJS.Timeout
  #hasPlace: boolean
  #isOutdated = false

  /** `isAlone`: nobody else has this database, so that nobody need know. */
  constructor(memory: SharedMemory, { isAlone }: { isAlone: boolean }) {
    this.#memory = memory
    const { promise, resolve } = Promise.withResolvers<void>()
    this.settled = promise
    this.#settle = resolve
    this.#hasPlace = isAlone
    this.#timer = setTimeout(() => this.hasPlace(), WAIT_MS)
    this.#tell()
  }

  /** The row is committed, or is not waited for any longer. */
  hasPlace(): void {
    this.#hasPlace = true
    this.#tell()
  }

  tablesAre(state: TablesState): void {
    if (state === 'missing') this.hasPlace()
    // While they are missing, nobody knows whether they have changed.
    else this.#isOutdated = state === 'newer'
    this.#tell()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #tell(): void {
    const readiness = this.#isOutdated
      ? READINESS_OUTDATED
      : this.#hasPlace
        ? READINESS_READY
        : READINESS_STARTING
    Atomics.store(this.#memory.i32, CONTROL.readiness, readiness)
    if (readiness !== READINESS_STARTING) this.#settle()
  }
}
