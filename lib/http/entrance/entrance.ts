import type { ThreadBooks } from '../../books/thread-books.ts'
import type { ClientKey } from '../../clients/client-key.ts'
import { type Bulk, bulkOf } from '../../ingest/bulk.ts'
import type { Recorder } from '../../ingest/recorder.ts'
import type { BulkIdentity } from '../../rows/keyed-bulk.ts'
import { type BulkEntry, classesOf } from './bulk-entry.ts'
import type { BulkRuling } from './bulk-ruling.ts'
import type { Classifier } from './classifier.ts'
import type { Client, Clients } from './clients.ts'
import type { Facts } from './facts.ts'
import type { Limit } from './limit.ts'
import type { ClickForm, Ruling } from './ruling.ts'
import type { Rulings } from './rulings.ts'

interface EntranceOptions {
  readonly recorder: Pick<Recorder, 'record' | 'recordAll' | 'recordKeyed'>
  readonly books: ThreadBooks
  readonly rulings: Rulings
  readonly limit: Limit
  readonly classifier: Classifier
  /** Of entries of bulks. */
  readonly clients: Clients
}

/**
 * The one way of a click from its request to the recorder: banner id and facts of the request → ruling → class → record.
 * The hot lane and Hapi's routes share it, so they have the same rules.
 */
export class Entrance {
  readonly #recorder: EntranceOptions['recorder']
  readonly #books: ThreadBooks
  readonly #rulings: Rulings
  readonly #limit: Limit
  readonly #classifier: Classifier
  readonly #clients: Clients

  constructor({ recorder, books, rulings, limit, classifier, clients }: EntranceOptions) {
    this.#recorder = recorder
    this.#books = books
    this.#rulings = rulings
    this.#limit = limit
    this.#classifier = classifier
    this.#clients = clients
  }

  /**
   * What becomes of a click, and its answer. Nothing is counted or booked yet, but a click that would count is charged
   * to the client's limit: to be called once for each. `query`: see EachClick.
   */
  rule(form: ClickForm, bannerId: number, query: string, facts: Facts, client: Client): Ruling {
    const ruling = this.#rulings.of(form, bannerId, query, facts.wantsPage)
    // The banner first: a client may ask for what does not count as often as it likes.
    if (client.networkKey === null || facts.isPrefetch || ruling.fate !== 'counted') return ruling
    return this.#limit.refusalOf(client.networkKey, form, facts.wantsPage) ?? ruling
  }

  /**
   * Takes one click by its ruling. null: it does not count, and may be answered at once. Otherwise resolves when
   * it may be answered, and rejects as the recorder does: then the click is not counted, and refusal.ts has the
   * answer. All clicks of a tick that the recorder counts get the same promise.
   */
  enter(bannerId: number, { fate }: Ruling, { isPrefetch }: Facts, client: Client): Promise<void> | null {
    if (isPrefetch) this.#books.ignorePrefetch()
    else if (fate === 'unknown') this.#books.ignoreUnknown(1)
    else if (fate === 'inactive') this.#books.ignoreInactive(1)
    else if (fate === 'limited') this.#books.refuseLimit(1)
    if (isPrefetch || fate !== 'counted') return null
    const outcome = this.#record(bannerId, client)
    // Before the outcome is returned: whoever waits for it writes the refusal.
    this.#classifier.settleWith(outcome)
    return outcome
  }

  #record(bannerId: number, client: Client): Promise<void> {
    try {
      return this.#recorder.record(bannerId, this.#classifier.classOf(bannerId, client), 1)
    } catch (error) {
      // The lane catches nothing: an error that is thrown here would end the thread.
      return Promise.reject(error)
    }
  }

  /**
   * Throws the answer to a bulk of a client that has no click left. To be called before the bulk is read. Nobody
   * knows then how many clicks it has, so it is booked as one. `sender`: what the client is limited by; null: it is not.
   */
  expectRoom(sender: ClientKey | null): void {
    const refusal = sender === null ? null : this.#limit.refusalOfUnread(sender)
    if (refusal === null) return
    this.#books.refuseLimit(1)
    throw refusal
  }

  /** What becomes of a bulk of sound entries. Nothing is counted, charged or booked yet. */
  ruleAll(entries: readonly BulkEntry[]): BulkRuling {
    return this.#rulings.ofBulk(entries)
  }

  /**
   * Takes a bulk by its ruling, which refuses none of it. Resolves with how many clicks count. Throws the answer to more
   * of them than the sender has left. Rejects as `enter` does. `identity`: of a bulk with a key, which counts once; null: it
   * has none.
   */
  async enterAll(
    { counted, inactiveClicks }: BulkRuling,
    sender: ClientKey | null,
    identity: BulkIdentity | null,
  ): Promise<number> {
    if (sender !== null) this.#charge(sender, counted)
    this.#books.ignoreInactive(inactiveClicks)
    if (counted.length === 0) return 0
    const bulk = bulkOf(counted, classesOf(counted, this.#clients, this.#classifier))
    const outcome = this.#recordAll(bulk, identity)
    this.#classifier.settleWith(outcome)
    await outcome
    return bulk.clicks
  }

  #charge(sender: ClientKey, entries: readonly BulkEntry[]): void {
    if (entries.length === 0) return
    const clicks = entries.reduce((sum, { count = 1 }) => sum + count, 0)
    const refusal = this.#limit.refusalOfBulk(sender, clicks)
    if (refusal === null) return
    this.#books.refuseLimit(clicks)
    throw refusal
  }

  /** As `#record`. */
  #recordAll(bulk: Bulk, identity: BulkIdentity | null): Promise<void> {
    try {
      return identity === null ? this.#recorder.recordAll(bulk) : this.#recorder.recordKeyed(bulk, identity)
    } catch (error) {
      // The notes of the bulk are taken back then.
      return Promise.reject(error)
    }
  }
}
