import { raisedConditions } from '../books/conditions.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

/** How long nothing needs to be stored, once a try has failed, until it is given up. */
export interface PatienceOptions {
  readonly memory: SharedMemory
  readonly patienceMs: number
}

/**
 * Whether it is worth to go on. A service tries for ever, because clicks come meanwhile. A command ends when its tries
 * fail and nothing was stored for a while. A store that takes long has not failed, and may go on.
 */
export class Patience {
  readonly #options: PatienceOptions
  #storedAtMs = 0
  #failures = 0
  #troubledSinceMs: number | null = null

  constructor(options: PatienceOptions) {
    this.#options = options
  }

  /** To be called every second or so; `nowMs` by `performance.now()`. */
  isOver(nowMs: number): boolean {
    const { memory, patienceMs } = this.#options
    const storedAtMs = memory.f64[memory.numberIndex('flushLastAtMs')]!
    const failures = memory.f64[memory.numberIndex('flushFailures')]!
    if (storedAtMs !== this.#storedAtMs) {
      this.#storedAtMs = storedAtMs
      this.#failures = failures
      this.#troubledSinceMs = null
      return false
    }
    // Another database that answers in between is no failure, and nothing is stored in it.
    const isElsewhere = raisedConditions(memory).some(({ name }) => name === 'other_database')
    if (failures === this.#failures && !isElsewhere) return false
    this.#troubledSinceMs ??= nowMs
    return nowMs - this.#troubledSinceMs >= patienceMs
  }
}
