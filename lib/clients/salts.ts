import { randomInt } from 'node:crypto'
import { halfSipHash } from '../base/half-sip-hash.ts'
import { SALT } from '../memory/salt.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { ClientKey } from './client-key.ts'

const DAY_MS = 86_400_000
/** A clock that jumps to and fro must not take away the salt before as well. */
const LEAST_LIFE_MS = 60_000

/**
 * The salts that clients' keys are made with: the present one, and the one before. They are in shared memory alone:
 * nobody can tell afterwards whose click a note was, and a client has another key on each UTC day.
 */
export class Salts {
  readonly #memory: SharedMemory
  readonly #windowMs: number
  /** When this instance last made a salt, on a clock that nobody puts back. */
  #madeAtMs = Number.NEGATIVE_INFINITY

  constructor(memory: SharedMemory) {
    this.#memory = memory
    this.#windowMs = memory.duplicateWindowMs
  }

  /** ≥ 1 once there is a salt. Another number after each change: keys of an earlier edition are to be made anew. */
  get edition(): number {
    return Atomics.load(this.#memory.i32, this.#memory.saltEditionIndex)
  }

  keyOf(text: string): ClientKey {
    return this.#keyOf(text, this.edition)
  }

  /** The key by the salt before; null when no note under it can still be in force. */
  previousKeyOf(text: string, nowMs: number): ClientKey | null {
    const { edition } = this
    if (edition < 2 || Math.abs(nowMs - this.#changedAtMs(edition)) > this.#windowMs) return null
    return this.#keyOf(text, edition - 1)
  }

  /**
   * Makes a new salt on another UTC day than that of the present one, also when the clock was put back. For main, at
   * the start and once a second. `monotonicMs`: lib/base/monotonic.ts.
   *
   * The words of the salt come before its edition. The other way round, a thread would make keys with a salt of four
   * days ago, or with zeros, which everybody knows.
   */
  rotate(nowMs: number, monotonicMs: number): void {
    const { edition } = this
    if (edition > 0 && dayOf(nowMs) === dayOf(this.#changedAtMs(edition))) return
    if (monotonicMs - this.#madeAtMs < LEAST_LIFE_MS) return
    this.#madeAtMs = monotonicMs
    const words = this.#memory.saltIndex(edition + 1)
    for (const word of [SALT.high, SALT.low])
      Atomics.store(this.#memory.i32, words + word, randomInt(2 ** 32))
    this.#memory.f64[(words + SALT.changedAtMs) / 2] = nowMs
    Atomics.store(this.#memory.i32, this.#memory.saltEditionIndex, edition + 1)
  }

  #keyOf(text: string, edition: number): ClientKey {
    const words = this.#memory.saltIndex(edition)
    const { i32 } = this.#memory
    return halfSipHash(text, Atomics.load(i32, words + SALT.high), Atomics.load(i32, words + SALT.low))
  }

  #changedAtMs(edition: number): number {
    return this.#memory.f64[(this.#memory.saltIndex(edition) + SALT.changedAtMs) / 2]!
  }
}

function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS)
}
