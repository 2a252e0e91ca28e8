import type pg from 'pg'
import { TooManyReadersError } from '../../lib/base/errors.ts'
import type { TimeRange } from '../../lib/questions/time-range.ts'
import { beginReading, commit, type Limits, SERVICE_LIMITS } from '../connection/transaction.ts'
import { statements } from '../statements.ts'
import { Places } from './places.ts'

/** Rows asked for at once: a millisecond or two of the thread's time. It holds two pages of an answer at most. */
const PAGE_ROWS = 5000
const MINUTE_MS = 60_000

/** Exact digits, as Postgres prints them: a sum may pass 2^53. */
export type Digits = string

/** What readStats yields: `begun` once, then the `total` of the whole range, then its minutes. */
export type StatsPart =
  | { readonly kind: 'begun' }
  | { readonly kind: 'total'; readonly total: Digits }
  | {
      readonly kind: 'page'
      /** Minutes that have clicks, in minutes since the epoch, ascending; … */
      readonly minutes: readonly Digits[]
      /** … and the clicks of each. */
      readonly clicks: readonly Digits[]
    }

/** From its first byte on, an answer has this long to be read; it breaks off then. */
export const MAX_ANSWER_MS = 60_000
/** The transaction waits for whoever reads the answer. */
const LONG_ANSWER_LIMITS: Limits = { ...SERVICE_LIMITS, idleMs: MAX_ANSWER_MS }
/**
 * A page has to come from the key's index in its order. Left to itself, and without statistics as after a bulk
 * load, Postgres may well fetch and sort all the rest of the range for each page.
 */
const BY_INDEX = 'enable_sort = off'

/**
 * Reads a banner's clicks by minute, with the connections of a pool. An answer of one page is read in one go and holds
 * nothing while it is sent. A longer one holds a connection, and a snapshot, for as long as its reader takes:
 * there are places for half of the connections, so that whoever asks for little always finds one.
 */
export class StatsReader {
  readonly #pool: pg.Pool
  readonly #longAnswers: Places

  constructor(pool: pg.Pool) {
    this.#pool = pool
    this.#longAnswers = new Places(Math.max(1, Math.floor(pool.options.max / 2)))
  }

  /**
   * Has begun when the first page is there: what can be wrong with the database as a whole has shown by then,
   * while the total of a long range takes its time. Throws TooManyReadersError when a long answer has found no
   * place before the signal is given.
   */
  async *read(bannerId: number, range: TimeRange, signal: AbortSignal): AsyncGenerator<StatsPart, void> {
    const short = await this.#readShort(bannerId, range)
    if (short !== null) {
      yield* short
      return
    }
    await this.#longAnswers.take(signal).catch(cause => {
      throw new TooManyReadersError(cause)
    })
    try {
      yield* this.#readLong(bannerId, range)
    } finally {
      this.#longAnswers.giveBack()
    }
  }

  /** null: there is more than a page. */
  async #readShort(bannerId: number, range: TimeRange): Promise<StatsPart[] | null> {
    using snapshot = new Snapshot(await this.#pool.connect())
    await snapshot.begin(SERVICE_LIMITS)
    const page = await snapshot.readPage(bannerId, range)
    const total = page.rest === null ? await snapshot.readTotal(bannerId, range) : null
    await snapshot.end()
    return total === null ? null : [{ kind: 'begun' }, { kind: 'total', total }, page]
  }

  async *#readLong(bannerId: number, range: TimeRange): AsyncGenerator<StatsPart, void> {
    using snapshot = new Snapshot(await this.#pool.connect())
    await snapshot.begin(LONG_ANSWER_LIMITS)
    const first = await snapshot.readPage(bannerId, range)
    yield { kind: 'begun' }
    yield { kind: 'total', total: await snapshot.readTotal(bannerId, range) }
    for (let page: Page | null = first; page !== null; ) {
      // Postgres works on the next page while this one is made into text and sent.
      const next: Promise<Page> | null = page.rest && snapshot.readPage(bannerId, page.rest)
      // Should the reader go away meanwhile, nobody awaits it.
      next?.catch(() => {})
      yield page
      page = await next
    }
    await snapshot.end()
  }
}

type Page = Extract<StatsPart, { kind: 'page' }> & {
  /** What is left of the range, null when nothing is. */
  readonly rest: TimeRange | null
}

/** A pool's connection in a transaction: the total is the sum of the minutes whatever is written meanwhile. */
class Snapshot implements Disposable {
  readonly #client: pg.PoolClient
  #hasEnded = false

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  async begin(limits: Limits): Promise<void> {
    await beginReading(this.#client, limits, [BY_INDEX])
  }

  async end(): Promise<void> {
    await commit(this.#client)
    this.#hasEnded = true
  }

  async readPage(bannerId: number, { from, to }: TimeRange): Promise<Page> {
    const { rows } = await this.#client.query<{ minutes: string | null; clicks: string | null }>(
      statements.clicksByMinute,
      [bannerId, from, to, PAGE_ROWS],
    )
    const minutes = rows[0]!.minutes?.split(',') ?? []
    const clicks = rows[0]!.clicks?.split(',') ?? []
    const isLast = minutes.length < PAGE_ROWS
    const rest = isLast ? null : { from: new Date((Number(minutes.at(-1)) + 1) * MINUTE_MS), to }
    return { kind: 'page', minutes, clicks, rest }
  }

  async readTotal(bannerId: number, { from, to }: TimeRange): Promise<Digits> {
    const { rows } = await this.#client.query<{ total: Digits }>(statements.totalClicks, [bannerId, from, to])
    return rows[0]!.total
  }

  /** After an error, or when the reader has gone away, the connection's state is unknown. */
  [Symbol.dispose](): void {
    this.#client.release(!this.#hasEnded)
  }
}
