import { ClickCounterError, TooManyReadersError } from '../../lib/base/errors.ts'
import type { ExportQuestion } from '../../lib/questions/export.ts'
import type { ManyQuestion, Question } from '../../lib/questions/question.ts'
import type { ConnectionPool } from '../connection/hosts-pool.ts'
import { type Limits, SERVICE_LIMITS } from '../connection/transaction.ts'
import { tooSlow } from './bounds.ts'
import { isLong } from './cost.ts'
import { type ExportPart, readExport } from './export.ts'
import { partsOf, type Steps, stepsOf } from './part.ts'
import { type Asker, Places } from './places.ts'
import { type ManyStats, readMany } from './read-many.ts'
import { readFewMinutes, readMinutes, readSteps, type StatsPart } from './read-one.ts'
import { type ReadState, Snapshot } from './snapshot.ts'

export type { ExportPart } from './export.ts'
export type { StatsPart } from './read-one.ts'

/** An answer that is not read to its end this long after its first byte is broken off. */
export const MAX_ANSWER_MS = 60_000
/** The transaction stays open while the client reads the answer. */
const LONG_ANSWER_LIMITS: Limits = { ...SERVICE_LIMITS, idleMs: MAX_ANSWER_MS }
const STATEMENT_CUT = '57014'
/** As if all were summed up: what a question costs then is known before Postgres is asked. */
const ALL_SUMMED_UP = { quartersUntil: Infinity, daysUntil: Infinity }

/**
 * Reads clicks over the connections of a pool. What is read at once holds nothing while it is sent. An answer by minute
 * that is longer than a page is read while it is sent: it holds a connection and a snapshot for as long as its client
 * reads.
 *
 * Such answers, and what Postgres works for longer, get at most half of the connections. Short ones get as many
 * at most, of their own. So a short one never waits for long ones. Of both, each client gets
 * its share: who asks much leaves places to others.
 */
export class StatsReader {
  readonly #pool: ConnectionPool
  readonly #longAnswers: Places
  readonly #shortAnswers: Places
  readonly #exports = new Places(1)

  constructor(pool: ConnectionPool) {
    const places = Math.max(1, Math.floor(pool.options.max / 2))
    this.#pool = pool
    this.#longAnswers = new Places(places)
    this.#shortAnswers = new Places(places)
  }

  /**
   * The clicks of a banner. Yields `begun` when the first page is there. Faults of the whole database have shown by
   * then, and the sums of a long range still take time. Throws before it: QuestionTooLargeError, TooFineError, and
   * TooManyReadersError when the signal comes before a long answer has a place.
   */
  async *read(bannerId: number, question: Question, asker: Asker): AsyncGenerator<StatsPart, void> {
    if (question.step === 'minute' && !question.fill) yield* this.#readMinutes(bannerId, question, asker)
    else {
      const asked = await stepsOf(question)
      const work = (snapshot: Snapshot, state: ReadState) =>
        readSteps(snapshot, bannerId, asked, question.fill, state)
      const places = (await isLongFor(asked, 1)) ? this.#longAnswers : this.#shortAnswers
      yield* await this.#inPlace(places, asker, () => this.#atOnce(work))
    }
  }

  /** The clicks of many banners, read at once. Rejects as `read` does. */
  async readMany(question: ManyQuestion, asker: Asker): Promise<ManyStats> {
    const { choice } = question
    const asked = await stepsOf(question)
    const isShort = choice.kind === 'ids' && !(await isLongFor(asked, choice.ids.length))
    const places = isShort ? this.#shortAnswers : this.#longAnswers
    return await this.#inPlace(places, asker, async () => {
      return await this.#atOnce((snapshot, state) => readMany(snapshot, question, asked, state))
    })
  }

  /** See readExport. One at a time: it may take minutes. Rejects as `read` does. */
  async *export(question: ExportQuestion, asker: Asker): AsyncGenerator<ExportPart, void> {
    await this.#take(this.#exports, asker)
    try {
      yield* readExport(this.#pool, question)
    } catch (error) {
      throw explained(error)
    } finally {
      this.#exports.giveBack(asker.client)
    }
  }

  async *#readMinutes(bannerId: number, question: Question, asker: Asker): AsyncGenerator<StatsPart, void> {
    const few = await this.#inPlace(this.#shortAnswers, asker, () =>
      this.#atOnce((snapshot, state) => readFewMinutes(snapshot, bannerId, question, state)),
    )
    if (few !== null) {
      yield* few
      return
    }
    await this.#take(this.#longAnswers, asker)
    try {
      using snapshot = new Snapshot(await this.#pool.connect())
      const state = await snapshot.begin(LONG_ANSWER_LIMITS)
      yield* readMinutes(snapshot, bannerId, question, state)
      await snapshot.end()
    } catch (error) {
      throw explained(error)
    } finally {
      this.#longAnswers.giveBack(asker.client)
    }
  }

  async #atOnce<Result>(work: (snapshot: Snapshot, state: ReadState) => Promise<Result>): Promise<Result> {
    using snapshot = new Snapshot(await this.#pool.connect())
    const state = await snapshot.begin(SERVICE_LIMITS)
    const result = await work(snapshot, state).catch(async error => {
      // A refusal is no fault of the connection, which would be closed otherwise.
      if (error instanceof ClickCounterError) await snapshot.end()
      throw explained(error)
    })
    await snapshot.end()
    return result
  }

  async #inPlace<Result>(places: Places, asker: Asker, work: () => Promise<Result>): Promise<Result> {
    await this.#take(places, asker)
    try {
      return await work()
    } finally {
      places.giveBack(asker.client)
    }
  }

  async #take(places: Places, asker: Asker): Promise<void> {
    await places.take(asker).catch(cause => {
      throw new TooManyReadersError(cause)
    })
  }
}

function explained(error: unknown): unknown {
  return (error as { code?: string }).code === STATEMENT_CUT ? tooSlow(error) : error
}

async function isLongFor(asked: readonly Steps[], banners: number): Promise<boolean> {
  return isLong(await partsOf(asked, ALL_SUMMED_UP), banners)
}
