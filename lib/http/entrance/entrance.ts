import type { IncomingHttpHeaders } from 'node:http'
import type { ThreadBooks } from '../../books/thread-books.ts'
import type { Recorder } from '../../ingest/recorder.ts'
import { type ClickClass, VALID } from '../../rows/classes.ts'
import { ORIGIN_FIELDS, originOf } from './cors.ts'
import { isPrefetch, PREFETCH_FIELDS } from './prefetch.ts'

/** What the rules want to know of a request. All of it is in the head: the same head has the same facts. */
export interface Facts {
  /** The origin of the page that the request comes from, for the answer. null: the request names none. */
  readonly origin: string | null
  /** A browser sent it before anybody clicked. */
  readonly isPrefetch: boolean
}

/** In lower case: the header fields that factsOf reads. Each rule names its own. */
export const FACT_FIELDS: readonly string[] = [...ORIGIN_FIELDS, ...PREFETCH_FIELDS]

export function factsOf(headers: IncomingHttpHeaders): Facts {
  return { origin: originOf(headers), isPrefetch: isPrefetch(headers) }
}

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
