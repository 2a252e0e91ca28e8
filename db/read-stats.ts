import type pg from 'pg'
import type { TimeRange } from '../lib/http/time-range.ts'
import { statements } from './statements.ts'
import { beginReading, commit, type Limits, SERVICE_LIMITS } from './transaction.ts'

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

/** The transaction waits for whoever reads the answer. */
const LIMITS: Limits = { ...SERVICE_LIMITS, idleMs: 0 }
/**
 * A page has to come from the key's index in its order. Left to itself, and without statistics as after a bulk
 * load, Postgres may well fetch and sort all the rest of the range for each page.
 */
const BY_INDEX = 'enable_sort = off'

/**
 * Reads a banner's clicks by minute, a page at a time. Holds a connection of the pool until the last page is
 * read or the generator is closed. Has begun when the first page is there: what can be wrong with the
 * database as a whole has shown by then, while the total of a long range takes its time.
 */
export async function* readStats(
  pool: pg.Pool,
  bannerId: number,
  range: TimeRange,
): AsyncGenerator<StatsPart, void> {
  const client = await pool.connect()
  let isDone = false
  try {
    // One snapshot: the total is the sum of the minutes whatever is written meanwhile.
    await beginReading(client, LIMITS, [BY_INDEX])
    const first = await readPage(client, bannerId, range)
    yield { kind: 'begun' }
    yield { kind: 'total', total: await readTotal(client, bannerId, range) }
    for (let page: Page | null = first; page !== null; ) {
      // Postgres works on the next page while this one is made into text and sent.
      const next: Promise<Page> | null = page.rest && readPage(client, bannerId, page.rest)
      // Should the reader go away meanwhile, nobody awaits it.
      next?.catch(() => {})
      yield page
      page = await next
    }
    await commit(client)
    isDone = true
  } finally {
    // After an error, or when the reader has gone away, the connection's state is unknown.
    client.release(!isDone)
  }
}

type Page = Extract<StatsPart, { kind: 'page' }> & {
  /** What is left of the range, null when nothing is. */
  readonly rest: TimeRange | null
}

async function readPage(client: pg.PoolClient, bannerId: number, { from, to }: TimeRange): Promise<Page> {
  const { rows } = await client.query<{ minutes: string | null; clicks: string | null }>(
    statements.clicksByMinute,
    [bannerId, from, to, PAGE_ROWS],
  )
  const minutes = rows[0]!.minutes?.split(',') ?? []
  const clicks = rows[0]!.clicks?.split(',') ?? []
  const isLast = minutes.length < PAGE_ROWS
  const rest = isLast ? null : { from: new Date((Number(minutes.at(-1)) + 1) * MINUTE_MS), to }
  return { kind: 'page', minutes, clicks, rest }
}

async function readTotal(client: pg.PoolClient, bannerId: number, { from, to }: TimeRange): Promise<Digits> {
  const { rows } = await client.query<{ total: Digits }>(statements.totalClicks, [bannerId, from, to])
  return rows[0]!.total
}
