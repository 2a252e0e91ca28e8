import { expect } from 'chai'
import { readBalances } from '../../lib/books/balance.ts'
import { Conditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { Flusher } from '../../lib/flush/flusher.ts'
import { LedgerReport } from '../../lib/flush/ledger-report.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import type { Journal } from '../../lib/journal/keep/keeper.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { readText } from '../../lib/memory/shared-text.ts'
import type { FlushStage } from '../../lib/messages.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { expectBalanced, readBalance } from '../support/balance.ts'
import { noJournal } from '../support/no-journal.ts'
import { ClickCounts } from './click-counts.ts'
import { DatabaseModel } from './database-model.ts'
import { ThreadsModel } from './threads-model.ts'
import { WorkerModel } from './worker-model.ts'

const THREAD_COUNT = 2

/** A flusher between a real ring, filled by threads that the test moves, and models of the worker and of Postgres. */
export class FlusherModel {
  readonly flusher: Flusher
  readonly memory: SharedMemory
  readonly threads: ThreadsModel
  readonly worker: WorkerModel
  readonly database = new DatabaseModel()
  readonly #generations: Generations
  readonly #failures: unknown[] = []
  #openAsks = 0

  constructor(options: { maxBanners: number; maxBacklogBytes: number; journal?: Journal }) {
    this.memory = SharedMemory.create({ threadCount: THREAD_COUNT, maxBanners: options.maxBanners })
    this.#generations = new Generations(this.memory)
    this.threads = new ThreadsModel(this.memory)
    const readJournaled = (generation: number) => this.threads.readJournaled(generation)
    this.worker = new WorkerModel(this.memory, this.database, readJournaled)
    const books = new ServiceBooks(this.memory)
    const log = createLog('silent')
    const conditions = new Conditions(this.memory, log)
    this.flusher = new Flusher({
      memory: this.memory,
      books,
      report: new FlushReport(this.memory, books, conditions, log),
      ledgerReport: new LedgerReport(conditions, log),
      journal: options.journal ?? noJournal(),
      writer: '',
      worker: this.worker,
      intervalMs: 1000,
      maxBacklogBytes: options.maxBacklogBytes,
    })
    this.flusher.start()
  }

  get openAsks(): number {
    return this.#openAsks
  }

  /** What operators are told of the last failure, until it is over. */
  get lastError(): string | null {
    return readText(this.memory, 'flushLastError')
  }

  get balance(): ReturnType<typeof readBalance> {
    return readBalance(this.memory)
  }

  ask(until: FlushStage): void {
    const generation = this.#generations.current
    const known = ClickCounts.of(this.threads.acknowledged)
    this.#openAsks++
    this.flusher
      .ask(generation, until)
      .then(
        () => {
          if (until === 'stored') this.database.clicks.expectAtLeast(known, 'a stored ask')
        },
        (error: { code?: string }) => {
          const codes = until === 'stored' ? ['DATABASE_UNAVAILABLE', 'NOT_STORED'] : ['RING_FULL']
          expect(error.code).to.be.oneOf(codes)
        },
      )
      .catch(error => this.#failures.push(error))
      .finally(() => this.#openAsks--)
  }

  /** What holds at any moment. */
  check(): void {
    for (const failure of [...this.#failures, ...this.worker.failures]) throw failure
    expectBalanced(this.memory)
    for (const [clickClass, { stored }] of readBalances(this.memory).entries())
      expect(stored, `stored by the books, class ${clickClass}`).to.be.at.most(
        this.database.clicks.totals[clickClass]!,
      )
    this.database.clicks.expectAtMost(this.threads.known)
  }

  /** What holds when everything is said to be stored. */
  checkEnd(): void {
    this.check()
    this.database.clicks.expectAtLeast(this.threads.acknowledged, 'acknowledged')
    expect(this.balance.pending, 'pending').to.equal(0)
  }
}
