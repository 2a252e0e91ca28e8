import type { ThreadBooks } from '../../books/thread-books.ts'
import type { Recorder } from '../../ingest/recorder.ts'
import { type ClickClass, VALID } from '../../rows/classes.ts'
import type { Facts } from './facts.ts'

/** The class that a click counts in. null: it does not count. */
function classOf({ isPrefetch }: Facts): ClickClass | null {
  return isPrefetch ? null : VALID
}

const IGNORED = Promise.resolve()

/**
 * The one way of a click from its request to the recorder: banner id and facts of the request → class →
 * record. The hot lane and Hapi's routes share it, so they have the same rules.
 */
export class Entrance {
  readonly #recorder: Pick<Recorder, 'record'>
  readonly #books: ThreadBooks

  constructor(recorder: Pick<Recorder, 'record'>, books: ThreadBooks) {
    this.#recorder = recorder
    this.#books = books
  }

  /**
   * Takes one click. Resolves when it may be answered. Rejects as the recorder does; then the click is not
   * counted, and refusal.ts has the answer. All clicks of a tick that the recorder counts get the same
   * promise.
   */
  enter(bannerId: number, facts: Facts): Promise<void> {
    const clickClass = classOf(facts)
    if (clickClass === null) {
      this.#books.ignorePrefetch()
      return IGNORED
    }
    try {
      return this.#recorder.record(bannerId, clickClass, 1)
    } catch (error) {
      // The lane catches nothing: an error that is thrown here would end the thread.
      return Promise.reject(error)
    }
  }
}
