import type pg from 'pg'
import { TooManyReadersError } from '../../lib/base/errors.ts'
import type { ManyQuestion, Question } from '../../lib/questions/question.ts'
import { stepStarts } from '../../lib/questions/step-starts.ts'
import { minutesOf, type TimeRange } from '../../lib/questions/time-range.ts'
import { type Limits, SERVICE_LIMITS } from '../connection/transaction.ts'
import { refuseManyEntries } from './bounds.ts'
import { NO_CLICKS, type Sums } from './digits.ts'
import { type Entries, unpacked } from './entries.ts'
import { Places } from './places.ts'
import { rangesOf } from './ranges.ts'
import { type ManyStats, readMany } from './read-many.ts'
import { BY_INDEX, type MinutesPage, Snapshot, type StepsRow } from './snapshot.ts'

/**
 * What `read` yields: `begun` once, then the `sums` of the range and its entries, page by page. When the question
 * compares, the `sums` and entries of the other range follow.
 */
export type StatsPart =
  | { readonly kind: 'begun' }
  | { readonly kind: 'sums'; readonly range: TimeRange; readonly sums: Sums }
  | ({ readonly kind: 'page' } & Entries)

/** An answer that is not read to its end this long after its first byte is broken off. */
export const MAX_ANSWER_MS = 60_000
/** The transaction stays open while the client reads the answer. */
const LONG_ANSWER_LIMITS: Limits = { ...SERVICE_LIMITS, idleMs: MAX_ANSWER_MS }

/**
 * Reads clicks over the connections of a pool. What is read at once holds nothing while it is sent. An answer by minute
 * that is longer than a page is read while it is sent: it holds a connection and a snapshot for as long as its client
 * reads. Such answers, and what Postgres works for longer, get at most half of the connections, so that a short one
 * always finds a connection.
 */
export class StatsReader {
  readonly #pool: pg.Pool
  readonly #longAnswers: Places

  constructor(pool: pg.Pool) {
    this.#pool = pool
    this.#longAnswers = new Places(Math.max(1, Math.floor(pool.options.max / 2)))
  }

  /**
   * The clicks of a banner. Yields `begun` when the first page is there. Faults of the whole database have shown by
   * then, and the sums of a long range still take time. Throws before it: QuestionTooLargeError, TooFineError, and
   * TooManyReadersError when the signal comes before a long answer has a place.
   */
  async *read(bannerId: number, question: Question, signal: AbortSignal): AsyncGenerator<StatsPart, void> {
    if (question.step === 'minute' && !question.fill) yield* this.#readMinutes(bannerId, question, signal)
    else yield* await this.#readSteps(bannerId, question)
  }

  /**
   * The clicks of many banners. It is read at once, but Postgres may work for as long as it is given: so it takes the
   * place of a long answer. Rejects as `read` does.
   */
  async readMany(question: ManyQuestion, signal: AbortSignal): Promise<ManyStats> {
    await this.#takePlace(signal)
    try {
      using snapshot = new Snapshot(await this.#pool.connect())
      await snapshot.begin(SERVICE_LIMITS)
      const stats = await readMany(snapshot, question)
      await snapshot.end()
      return stats
    } finally {
      this.#longAnswers.giveBack()
    }
  }

  async #takePlace(signal: AbortSignal): Promise<void> {
    await this.#longAnswers.take(signal).catch(cause => {
      throw new TooManyReadersError(cause)
    })
  }

  async #readSteps(bannerId: number, question: Question): Promise<Iterable<StatsPart>> {
    refuseManyEntries(question, 1)
    using snapshot = new Snapshot(await this.#pool.connect())
    await snapshot.begin(SERVICE_LIMITS)
    const read = []
    for (const range of rangesOf(question))
      read.push(await readRange(snapshot, bannerId, { ...question, ...range }))
    await snapshot.end()
    return partsOf(read, question)
  }

  async *#readMinutes(
    bannerId: number,
    question: Question,
    signal: AbortSignal,
  ): AsyncGenerator<StatsPart, void> {
    const ranges = rangesOf(question)
    const short = await this.#readShort(bannerId, ranges)
    if (short !== null) {
      yield* short
      return
    }
    await this.#takePlace(signal)
    try {
      yield* this.#readLong(bannerId, ranges)
    } finally {
      this.#longAnswers.giveBack()
    }
  }

  /** null: there is more than a page. */
  async #readShort(bannerId: number, ranges: readonly TimeRange[]): Promise<StatsPart[] | null> {
    using snapshot = new Snapshot(await this.#pool.connect())
    await snapshot.begin(SERVICE_LIMITS, [BY_INDEX])
    const parts: StatsPart[] = [{ kind: 'begun' }]
    let isShort = true
    for (const range of ranges) {
      const page = await snapshot.readMinutes(bannerId, minutesOf(range))
      isShort = page.rest === null
      if (!isShort) break
      const sums = await readSums(snapshot, bannerId, range)
      parts.push({ kind: 'sums', range, sums }, { kind: 'page', ...page })
    }
    await snapshot.end()
    return isShort ? parts : null
  }

  async *#readLong(bannerId: number, ranges: readonly TimeRange[]): AsyncGenerator<StatsPart, void> {
    using snapshot = new Snapshot(await this.#pool.connect())
    await snapshot.begin(LONG_ANSWER_LIMITS, [BY_INDEX])
    for (const [nth, range] of ranges.entries()) {
      const first = await snapshot.readMinutes(bannerId, minutesOf(range))
      if (nth === 0) yield { kind: 'begun' }
      yield { kind: 'sums', range, sums: await readSums(snapshot, bannerId, range) }
      for (let page: MinutesPage | null = first; page !== null; ) {
        // Before the yield: Postgres works on the next page while this one is formatted and sent.
        const next: Promise<MinutesPage> | null = page.rest && snapshot.readMinutes(bannerId, page.rest)
        // If the client goes away meanwhile, nobody awaits the next page, and its
        // rejection would end the process.
        next?.catch(() => {})
        yield { kind: 'page', ...page }
        page = await next
      }
    }
    await snapshot.end()
  }
}

interface ReadRange {
  readonly range: TimeRange
  readonly starts: readonly number[]
  readonly row: StepsRow | undefined
}

async function readRange(
  snapshot: Snapshot,
  bannerId: number,
  { step, timeZone, from, to }: Pick<Question, 'step' | 'timeZone' | 'from' | 'to'>,
): Promise<ReadRange> {
  const range = { from, to }
  const starts = stepStarts({ step, timeZone, ...range })
  const [row] = await snapshot.readSteps({
    ...{ choice: { kind: 'ids', ids: [bannerId] }, group: 'none', campaigns: null },
    ...{ range: minutesOf(range), starts, hasEntries: true, limit: 1 },
  })
  return { range, starts, row }
}

async function readSums(snapshot: Snapshot, bannerId: number, range: TimeRange): Promise<Sums> {
  const { row } = await readRange(snapshot, bannerId, { ...range, step: 'all', timeZone: 'UTC' })
  return row ?? NO_CLICKS
}

function* partsOf(ranges: readonly ReadRange[], { fill }: Question): Generator<StatsPart, void> {
  yield { kind: 'begun' }
  for (const { range, starts, row } of ranges) {
    yield { kind: 'sums', range, sums: row ?? NO_CLICKS }
    for (const page of unpacked(row ?? null, starts, fill)) yield { kind: 'page', ...page }
  }
}
