import type { ThreadBooks } from '../../books/thread-books.ts'
import type { BulkEntry } from '../../ingest/bulk.ts'
import type { Recorder } from '../../ingest/recorder.ts'
import { VALID } from '../../rows/classes.ts'
import type { BulkRuling } from './bulk-ruling.ts'
import type { Facts } from './facts.ts'
import type { ClickForm, Ruling } from './ruling.ts'
import type { Rulings } from './rulings.ts'

/**
 * The one way of a click from its request to the recorder: banner id and facts of the request → ruling → record.
 * The hot lane and Hapi's routes share it, so they have the same rules.
 */
export class Entrance {
  readonly #recorder: Pick<Recorder, 'record' | 'recordAll'>
  readonly #books: ThreadBooks
  readonly #rulings: Rulings

  constructor(recorder: Pick<Recorder, 'record' | 'recordAll'>, books: ThreadBooks, rulings: Rulings) {
    this.#recorder = recorder
    this.#books = books
    this.#rulings = rulings
  }

  /** What becomes of a click, and its answer. Nothing is counted or booked yet. `query`: see EachClick. */
  rule(form: ClickForm, bannerId: number, query: string, { wantsPage }: Facts): Ruling {
    return this.#rulings.of(form, bannerId, query, wantsPage)
  }

  /**
   * Takes one click by its ruling. null: it does not count, and may be answered at once. Otherwise resolves when
   * it may be answered, and rejects as the recorder does: then the click is not counted, and refusal.ts has the
   * answer. All clicks of a tick that the recorder counts get the same promise.
   */
  enter(bannerId: number, { fate }: Ruling, { isPrefetch }: Facts): Promise<void> | null {
    if (isPrefetch) this.#books.ignorePrefetch()
    else if (fate === 'unknown') this.#books.ignoreUnknown(1)
    else if (fate === 'inactive') this.#books.ignoreInactive(1)
    if (isPrefetch || fate !== 'counted') return null
    try {
      return this.#recorder.record(bannerId, VALID, 1)
    } catch (error) {
      // The lane catches nothing: an error that is thrown here would end the thread.
      return Promise.reject(error)
    }
  }

  /** What becomes of a bulk of sound entries. Nothing is counted or booked yet. */
  ruleAll(entries: readonly BulkEntry[]): BulkRuling {
    return this.#rulings.ofBulk(entries)
  }

  /** Takes a bulk by its ruling, which refuses none of it. Resolves and rejects as `enter` does. */
  async enterAll({ bulk, inactiveClicks }: BulkRuling): Promise<void> {
    this.#books.ignoreInactive(inactiveClicks)
    if (bulk !== null) await this.#recorder.recordAll(VALID, bulk)
  }
}
