import type { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { startWorker } from '../support/worker.ts'

/** Words that the stepped thread and its stepper share. */
export const STEP = {
  /** Steps the thread may do, counted. */
  allowed: 0,
  /** Times the thread has come to stand still, counted. */
  reached: 1,
  /** 1: the next step is the first of a run. */
  isBetweenRuns: 2,
  /** The generation whose half the thread may be changing, 0 for none. */
  isInside: 3,
} as const

const STEP_TIMEOUT_MS = 5000

/** Moves a thread through entering and leaving, one Atomics operation at a time. */
export class Stepper {
  readonly #words = new Int32Array(new SharedArrayBuffer(Object.keys(STEP).length * 4))
  readonly #thread

  constructor(memory: SharedMemory) {
    this.#thread = startWorker(new URL('./stepped-thread.ts', import.meta.url), {
      memory: memory.handle,
      words: this.#words.buffer,
    })
    this.#waitUntilPast(0)
  }

  /** The generation whose half the thread may be changing, 0 for none. */
  get inside(): number {
    return Atomics.load(this.#words, STEP.isInside)
  }

  /** Brings the thread in front of the first operation of another run. */
  begin(): void {
    this.#allowOne()
  }

  /** Lets the thread do its next operation. Whether the run goes on after it. */
  step(): boolean {
    if (this.#isBetweenRuns) return false
    this.#allowOne()
    return !this.#isBetweenRuns
  }

  async end(): Promise<void> {
    await this.#thread.end()
  }

  get #isBetweenRuns(): boolean {
    return Atomics.load(this.#words, STEP.isBetweenRuns) === 1
  }

  #allowOne(): void {
    const reached = Atomics.load(this.#words, STEP.reached)
    Atomics.add(this.#words, STEP.allowed, 1)
    Atomics.notify(this.#words, STEP.allowed)
    this.#waitUntilPast(reached)
  }

  #waitUntilPast(reached: number): void {
    if (Atomics.wait(this.#words, STEP.reached, reached, STEP_TIMEOUT_MS) === 'timed-out')
      throw new Error('the stepped thread does not come to its next step')
  }
}
