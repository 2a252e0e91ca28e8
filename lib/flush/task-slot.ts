import { Backoff } from './backoff.ts'

/** Runs tasks of one kind in the flush worker: one at a time, and none for a while after one that failed. */
export class TaskSlot {
  readonly #backoff = new Backoff()
  readonly #onFree: () => void
  readonly #onDeath: (error: Error) => void
  #busySinceMs: number | null = null
  #isStopped = false

  /** `onFree` is called whenever the next task may run, `onDeath` with what a task was rejected with. */
  constructor(onFree: () => void, onDeath: (error: Error) => void) {
    this.#onFree = onFree
    this.#onDeath = onDeath
  }

  get isBusy(): boolean {
    return this.#busySinceMs !== null
  }

  /** By `performance.now()`; null: it is not. */
  get busySinceMs(): number | null {
    return this.#busySinceMs
  }

  /** After a failure, until it is time to try again. */
  get isBackingOff(): boolean {
    return !this.#backoff.isOver
  }

  get isFree(): boolean {
    return !this.isBusy && !this.isBackingOff && !this.#isStopped
  }

  /** `task` resolves with whether it succeeded. The slot must be free. */
  async run(task: () => Promise<boolean>): Promise<void> {
    this.#busySinceMs = performance.now()
    try {
      this.#settle(await task())
    } catch (error) {
      this.#settle(false)
      if (!this.#isStopped) this.#onDeath(error as Error)
    }
    this.#onFree()
  }

  #settle(isGood: boolean): void {
    this.#busySinceMs = null
    if (isGood) this.#backoff.reset()
    else if (!this.#isStopped) this.#backoff.fail(this.#onFree)
  }

  /** The next task need not wait any longer. */
  hurry(): void {
    this.#backoff.reset()
  }

  /** A task that runs is the last one. */
  stop(): void {
    this.#isStopped = true
    this.#backoff.reset()
  }
}
