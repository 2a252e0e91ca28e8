import { Backoff } from './backoff.ts'
import type { FlushReport } from './report.ts'

/** backing off: after a failure, until it is time to try again. */
export type SlotState = 'free' | 'busy' | 'backing off' | 'stopped'

/** Runs the flush worker's tasks of one kind: one at a time, and none for a while after one that failed. */
export class TaskSlot {
  readonly #kind: 'collecting' | 'storing'
  readonly #report: Pick<FlushReport, 'taskFailed'>
  readonly #onFree: () => void
  readonly #backoff = new Backoff()
  #busySinceMs: number | null = null
  #isStopped = false

  /** `onFree` is called whenever the next task may run. */
  constructor(kind: 'collecting' | 'storing', report: Pick<FlushReport, 'taskFailed'>, onFree: () => void) {
    this.#kind = kind
    this.#report = report
    this.#onFree = onFree
  }

  get state(): SlotState {
    if (this.#busySinceMs !== null) return 'busy'
    if (this.#isStopped) return 'stopped'
    return this.#backoff.isOver ? 'free' : 'backing off'
  }

  /** By `performance.now()`; null: no task runs. */
  get busySinceMs(): number | null {
    return this.#busySinceMs
  }

  /** `task` resolves with whether it succeeded. The slot must be free. */
  async run(task: () => Promise<boolean>): Promise<void> {
    this.#busySinceMs = performance.now()
    try {
      this.#settle(await task())
    } catch (error) {
      this.#settle(false)
      if (!this.#isStopped) this.#report.taskFailed(this.#kind, error as Error)
    }
    // Last: it may start the next task, which needs a slot that is not busy any more.
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
