import type { Backlog } from './backlog.ts'
import { Backoff } from './backoff.ts'
import type { FlushReport } from './report.ts'

/** Tries again what earlier processes have left and cannot be read now. Meanwhile, other items are stored. */
export class Rereading {
  readonly #backlog: Backlog
  readonly #report: Pick<FlushReport, 'journalIsReadable'>
  readonly #onResume: () => void
  readonly #backoff = new Backoff()

  /** `onResume` is called when what was deferred can be tried again. */
  constructor(backlog: Backlog, report: Pick<FlushReport, 'journalIsReadable'>, onResume: () => void) {
    this.#backlog = backlog
    this.#report = report
    this.#onResume = onResume
  }

  /**
   * The backlog's first item could not be read. false: it is this process's own, and
   * everything has to wait for it.
   */
  defer(): boolean {
    if (!this.#backlog.defer()) return false
    if (this.#backoff.isOver)
      this.#backoff.fail(() => {
        // Before the call: it looks for something to store, and would not find these items.
        this.#backlog.resume()
        this.#onResume()
      })
    return true
  }

  /** An item was read and stored. The trouble is over unless another item is still deferred. */
  succeeded(): void {
    if (this.#backlog.hasDeferred) return
    this.#backoff.reset()
    this.#report.journalIsReadable()
  }

  /** What was deferred need not wait any longer. */
  hurry(): void {
    this.#backoff.reset()
    this.#backlog.resume()
  }

  /** Nothing is tried again any more. */
  stop(): void {
    this.#backoff.reset()
  }
}
