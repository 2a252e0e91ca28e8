import type pg from 'pg'
import { TooManyReadersError } from '../../lib/base/errors.ts'
import type { TimeRange } from '../../lib/questions/time-range.ts'
import { beginReading, commit, type Limits, SERVICE_LIMITS } from '../connection/transaction.ts'
import { withClient } from '../connection/with-client.ts'
import { statements } from '../statements.ts'
import type { Digits } from './digits.ts'
import { Places } from './places.ts'
import { type BannerSums, readSums } from './read-sums.ts'

/** Rows of one query: 1 to 2 ms of the thread's time. The thread holds at most two pages of an answer. */
const PAGE_ROWS = 5000
const MINUTE_MS = 60_000

/** What readStats yields: `begun` once, then the `total` of the whole range, then its minutes. */
export type StatsPart =
  | { readonly kind: 'begun' }
  | { readonly kind: 'total'; readonly total: Digits }
  | {
      readonly kind: 'page'
      /** Minutes that have clicks, in minutes since the epoch, ascending. */
      readonly minutes: readonly Digits[]
      /** The clicks of each minute, in the same order. */
      readonly clicks: readonly Digits[]
    }

/** An answer that is not read to its end this long after its first byte is broken off. */
export const MAX_ANSWER_MS = 60_000
/** The transaction stays open while the client reads the answer. */
const LONG_ANSWER_LIMITS: Limits = { ...SERVICE_LIMITS, idleMs: MAX_ANSWER_MS }
/**
 * Makes Postgres read a page from the key's index, in its order. Without table statistics, as after a bulk
 * load, Postgres may otherwise fetch and sort all the rest of the range for each page.
 */
const BY_INDEX = 'enable_sort = off'

/**
 * Reads a banner's clicks by minute over the connections of a pool. An answer of one page is read at once and
 * holds nothing while it is sent. A longer one holds a connection and a snapshot for as long as its client
 * reads. Long answers get at most half of the connections, so that a short one always finds a connection.
 */
export class StatsReader {
  readonly #pool: pg.Pool
  readonly #longAnswers: Places

  constructor(pool: pg.Pool) {
    this.#pool = pool
    this.#longAnswers = new Places(Math.max(1, Math.floor(pool.options.max / 2)))
  }

  /**
   * Yields `begun` when the first page is there. Faults of the whole database have shown by then, and
   * the total of a long range still takes time. Throws TooManyReadersError when the signal comes before
   * a long answer has a place.
   */
  async *read(bannerId: number, range: TimeRange, signal: AbortSignal): AsyncGenerator<StatsPart, void> {
    const short = await this.#readShort(bannerId, range)
    if (short !== null) {
      yield* short
      return
    }
    await this.#takePlace(signal)
    try {
      yield* this.#readLong(bannerId, range)
    } finally {
      this.#longAnswers.giveBack()
    }
  }

  /**
   * The clicks of many banners; see readSums. It is read at once, but Postgres may work for as long as it is given:
   * so it takes the place of a long answer. Rejects as `read` does.
   */
  async readSums(bannerIds: readonly number[], range: TimeRange, signal: AbortSignal): Promise<BannerSums[]> {
    await this.#takePlace(signal)
    try {
      return await withClient(this.#pool, client => readSums(client, bannerIds, range))
    } finally {
      this.#longAnswers.giveBack()
    }
  }

  async #takePlace(signal: AbortSignal): Promise<void> {
    await this.#longAnswers.take(signal).catch(cause => {
      throw new TooManyReadersError(cause)
    })
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
      // Before the yield: Postgres works on the next page while this one is formatted and sent.
      const next: Promise<Page> | null = page.rest && snapshot.readPage(bannerId, page.rest)
      // If the client goes away meanwhile, nobody awaits the next page, and its
      // rejection would end the process.
      next?.catch(() => {})
      yield page
      page = await next
    }
    await snapshot.end()
  }
}

type Page = Extract<StatsPart, { kind: 'page' }> & {
  /** The rest of the range; null after the last page. */
  readonly rest: TimeRange | null
}

/**
 * A pool's connection in a transaction. Whatever is written meanwhile, the total is the sum of the minutes.
 */
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

  /** After an error, or when the client has gone, the connection's state is unknown: the pool closes it. */
  [Symbol.dispose](): void {
    this.#client.release(!this.#hasEnded)
  }
}
