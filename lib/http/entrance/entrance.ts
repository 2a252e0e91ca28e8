import type { IncomingHttpHeaders } from 'node:http'
import type { ThreadBooks } from '../../books/thread-books.ts'
import type { Recorder } from '../../ingest/recorder.ts'
import { type ClickClass, VALID } from '../../rows/classes.ts'
import { ORIGIN_FIELDS, originOf } from './cors.ts'
import { isPrefetch, PREFETCH_FIELDS } from './prefetch.ts'

/** What the rules look at in a request. All of it is in the head: the same head has the same facts. */
export interface Facts {
  /** The origin of the page that it comes from, which the answer repeats. null: it says none. */
  readonly origin: string | null
  /** A browser fetches ahead of a click that may never come. */
  readonly isPrefetch: boolean
}

/** In lower case: the header fields that factsOf reads. Each rule names its own. */
export const FACT_FIELDS: readonly string[] = [...ORIGIN_FIELDS, ...PREFETCH_FIELDS]

export function factsOf(headers: IncomingHttpHeaders): Facts {
  return { origin: originOf(headers), isPrefetch: isPrefetch(headers) }
}

/** What a click counts as. null: it is none. */
function classOf({ isPrefetch }: Facts): ClickClass | null {
  return isPrefetch ? null : VALID
}

const IGNORED = Promise.resolve()

/**
 * The one way of a click from a request to the recorder: banner id and facts of the request → class → record. The hot
 * lane and Hapi's routes share it: neither has a rule that the other has not.
 */
export class Entrance {
  readonly #recorder: Pick<Recorder, 'record'>
  readonly #books: ThreadBooks

  constructor(recorder: Pick<Recorder, 'record'>, books: ThreadBooks) {
    this.#recorder = recorder
    this.#books = books
  }

  /**
   * Takes one click. Resolves when it may be answered. Rejects as the recorder does, and then the click is not counted;
   * refusal.ts has the answers. All clicks of a tick that the recorder counts get the same promise.
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
      // In the lane nobody would catch what is thrown, and it would end the thread.
      return Promise.reject(error)
    }
  }
}
