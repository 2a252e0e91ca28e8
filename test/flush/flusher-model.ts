import { expect } from 'chai'
import { type Balance, readBalance } from '../../lib/books/balance.ts'
import { Conditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { Flusher } from '../../lib/flush/flusher.ts'
import { LedgerReport } from '../../lib/flush/ledger-report.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import { collect } from '../../lib/flush-worker/collect.ts'
import type { BacklogItem } from '../../lib/journal/files/item.ts'
import type { Journal } from '../../lib/journal/keep/keeper.ts'
import { createLog } from '../../lib/log/log.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { readText } from '../../lib/memory/shared-text.ts'
import type { FlushFailure, FlushStage, StoreResult } from '../../lib/messages.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { FULL, Ring } from '../../lib/ring/ring.ts'
import type { Batch } from '../../lib/rows/batch.ts'
import { VALID } from '../../lib/rows/classes.ts'
import type { Rows } from '../../lib/rows/rows.ts'
import { Sums } from '../../lib/rows/sums.ts'
import { noJournal } from '../support/no-journal.ts'

/** Where a worker may die over a task, and over the one beside it. */
export const DEATHS = ['at once', 'before flip', 'after flip', 'after rows', 'after store'] as const
export type Task = 'collecting' | 'storing'
/** What comes of a try to store: it is committed or not, and the worker is told or not. */
export const STORINGS = [
  'stored',
  'refused',
  'failed before COMMIT',
  'failed after COMMIT',
  'unreadable',
] as const

/** What befalls a task. */
export interface Fate {
  readonly death: (typeof DEATHS)[number] | null
  readonly storing: (typeof STORINGS)[number]
}

export const GOOD_FATE: Fate = { death: null, storing: 'stored' }
const MINUTE = 28_000_000
const THREAD_COUNT = 2

/** Clicks by `banner@minute`. */
type Clicks = Map<string, number>

/** Postgres as far as a flush goes: the ledger's rule, and a memory for what it was ever asked to store. */
class DatabaseModel {
  readonly clicks: Clicks = new Map()
  readonly #tried = new Map<number, string>()
  #appliedGeneration = 0

  /** Throws when the batch is out of order, or not what it was when it was tried before. */
  receive(batch: Batch): void {
    const rows = rowsOf(batch)
    expect(rows, 'rows ascending, each key once').to.deep.equal(
      [...new Map(rows.map(row => [`${row.bannerId}@${row.minute}`, row])).values()].sort(
        (a, b) => a.bannerId - b.bannerId || a.minute - b.minute,
      ),
    )
    const content = JSON.stringify(rows)
    expect(this.#tried.get(batch.generation) ?? content, 'a batch tried before').to.equal(content)
    if (!this.#tried.has(batch.generation))
      expect(batch.generation, 'a new key').to.be.above(Math.max(0, ...this.#tried.keys()))
    this.#tried.set(batch.generation, content)
  }

  commit(batch: Batch): void {
    if (batch.generation <= this.#appliedGeneration) return
    this.#appliedGeneration = batch.generation
    for (const { bannerId, minute, clicks } of rowsOf(batch)) add(this.clicks, bannerId, minute, clicks)
  }
}

/**
 * A flusher between a real ring, filled by threads that the test moves, and a model of the worker and of
 * Postgres. The worker pauses before and after each of its steps until `step` is called, so that everything
 * else can happen in between.
 */
export class FlusherModel {
  readonly flusher: Flusher
  readonly database = new DatabaseModel()
  /** Called with what the worker has collected, and what it hands over. */
  handOver = (batch: Batch): Batch => batch
  /** Of those that the next items hold, what cannot be read any more. */
  damagedClicks = 0
  readonly taskCounts = { collecting: 0, storing: 0 }
  /** Of each try to store something, in order: whether it was urgent. */
  readonly urgencies: boolean[] = []
  /** Fates of the next tasks. */
  readonly fates: Fate[] = []
  readonly #memory: SharedMemory
  readonly #ring: Ring
  readonly #generations: Generations
  readonly #books: ThreadBooks[]
  readonly #acknowledged: Clicks = new Map()
  /** By generation. */
  readonly #journaled = new Map<number, Clicks>()
  /** In the journal when their thread died: counted or not, nobody was told. */
  readonly #orphaned: Clicks = new Map()
  readonly #ticks: (Tick | null)[] = Array.from({ length: THREAD_COUNT }, () => null)
  readonly #failures: unknown[] = []
  readonly #pauses = new Map<Task, PromiseWithResolvers<void>>()
  readonly #running = new Set<Task>()
  #death = Promise.withResolvers<never>()
  #openAsks = 0

  constructor(options: { maxBanners: number; maxBacklogBytes: number; journal?: Journal }) {
    this.#memory = SharedMemory.create({ threadCount: THREAD_COUNT, maxBanners: options.maxBanners })
    this.#ring = new Ring(this.#memory)
    this.#generations = new Generations(this.#memory)
    this.#books = this.#ticks.map((_, threadIndex) => new ThreadBooks(this.#memory, threadIndex, Date.now))
    const books = new ServiceBooks(this.#memory)
    const log = createLog('silent')
    const conditions = new Conditions(this.#memory, log)
    this.flusher = new Flusher({
      memory: this.#memory,
      books,
      report: new FlushReport(this.#memory, books, conditions, log),
      ledgerReport: new LedgerReport(conditions, log),
      journal: options.journal ?? noJournal(),
      writer: '',
      worker: {
        collect: after => this.#run('collecting', fate => this.#collect(after, fate)),
        store: ({ item, isUrgent }) => {
          if (item !== null) this.urgencies.push(isUrgent)
          return this.#run('storing', fate => this.#store(item as Batch | null, fate))
        },
      },
      intervalMs: 1000,
      maxBacklogBytes: options.maxBacklogBytes,
    })
    this.flusher.start()
  }

  get isIdle(): boolean {
    return this.#running.size === 0
  }

  get openAsks(): number {
    return this.#openAsks
  }

  get memory(): SharedMemory {
    return this.#memory
  }

  /** What operators are told of the last failure, until it is over. */
  get lastError(): string | null {
    return readText(this.#memory, 'flushLastError')
  }

  get balance(): Balance {
    return readBalance(this.#memory)
  }

  /** A thread counts a click; its tick goes on until `leave` or `die`. */
  add(threadIndex: number, bannerId: number, minuteOffset: number, clicks: number): void {
    const tick = (this.#ticks[threadIndex] ??= {
      generation: this.#generations.enter(threadIndex),
      clicks: new Map(),
      total: 0,
    })
    const minute = MINUTE + minuteOffset
    if (this.#ring.add(tick.generation % HALF_COUNT, minute, bannerId, VALID, clicks) === FULL) return
    add(tick.clicks, bannerId, minute, clicks)
    tick.total += clicks
  }

  leave(threadIndex: number): void {
    const tick = this.#ticks[threadIndex]
    if (tick == null) return
    this.#ticks[threadIndex] = null
    this.#journal(tick)
    if (tick.total > 0) this.#books[threadIndex]!.accept(tick.generation % HALF_COUNT, tick.total)
    this.#generations.leave(threadIndex, tick.generation)
    merge(this.#acknowledged, tick.clicks)
  }

  /** The thread dies within its tick, before or after it has journaled that, and another one takes its place. */
  die(threadIndex: number, isJournaled: boolean): void {
    const tick = this.#ticks[threadIndex]
    if (tick == null) return
    this.#ticks[threadIndex] = null
    if (isJournaled) {
      this.#journal(tick)
      merge(this.#orphaned, tick.clicks)
    }
    this.#generations.release(threadIndex)
  }

  #journal({ generation, clicks }: Tick): void {
    const journaled = this.#journaled.get(generation) ?? new Map()
    this.#journaled.set(generation, journaled)
    merge(journaled, clicks)
  }

  /** The next step of one of the worker's tasks. */
  step(task: Task): void {
    const pause = this.#pauses.get(task)
    this.#pauses.delete(task)
    pause?.resolve()
  }

  ask(until: FlushStage): void {
    const generation = this.#generations.current
    const known = new Map(this.#acknowledged)
    this.#openAsks++
    this.flusher
      .ask(generation, until)
      .then(
        () => {
          if (until === 'stored') expectAtLeast(this.database.clicks, known, 'a stored ask')
        },
        (error: { code?: string }) => {
          expect(error.code).to.equal(until === 'stored' ? 'DATABASE_UNAVAILABLE' : 'RING_FULL')
        },
      )
      .catch(error => this.#failures.push(error))
      .finally(() => this.#openAsks--)
  }

  /** What holds at any moment. */
  check(): void {
    if (this.#failures.length > 0) throw this.#failures[0]
    const { accepted, stored, pending, lost } = this.balance
    expect(accepted, 'accepted = stored + pending + lost').to.equal(stored + pending + lost)
    expect(stored, 'stored by the books').to.be.at.most(total(this.database.clicks))
    expectAtMost(this.database.clicks, this.#known)
  }

  /** What holds when everything is said to be stored. */
  checkEnd(): void {
    this.check()
    expectAtLeast(this.database.clicks, this.#acknowledged, 'acknowledged')
    expect(this.balance.pending, 'pending').to.equal(0)
  }

  /** All that may be counted. */
  get #known(): Clicks {
    const known = new Map(this.#acknowledged)
    for (const clicks of [this.#orphaned, ...this.#ticks.map(tick => tick?.clicks ?? new Map())])
      merge(known, clicks)
    return known
  }

  /** A worker that dies ends both of its tasks. */
  async #run<T>(task: Task, work: (fate: Fate) => Promise<T>): Promise<T> {
    try {
      this.taskCounts[task]++
      expect(this.#running, 'tasks at a time').not.to.include(task)
      this.#running.add(task)
      return await Promise.race([work(this.fates.shift() ?? GOOD_FATE), this.#death.promise])
    } catch (error) {
      if (!(error instanceof Death)) this.#failures.push(error)
      throw error
    } finally {
      this.#running.delete(task)
    }
  }

  /** Steps of a dead worker's tasks never come. */
  #dieAt(point: (typeof DEATHS)[number], { death }: Fate): void {
    if (death !== point) return
    const error = new Death(`the worker died ${point}`)
    this.#pauses.clear()
    this.#death.reject(error)
    this.#death = Promise.withResolvers()
    throw error
  }

  async #collect(collectedGeneration: number, fate: Fate): Promise<Batch> {
    await this.#step('collecting')
    this.#dieAt('at once', fate)
    const generations = new MortalGenerations(this.#memory, point => this.#dieAt(point, fate))
    const collected = await collect(this.#memory, this.#ring, generations, collectedGeneration, generation =>
      this.#readJournaled(generation),
    )
    await this.#step('collecting')
    this.#dieAt('after rows', fate)
    return this.handOver(collected)
  }

  #readJournaled(generation: number): Rows {
    const sums = new Sums()
    for (const [key, clicks] of this.#journaled.get(generation) ?? []) {
      const [bannerId, minute] = key.split('@').map(Number) as [number, number]
      sums.add(minute, bannerId, VALID, clicks)
    }
    return sums.rows()
  }

  async #store(batch: Batch | null, fate: Fate): Promise<StoreResult> {
    await this.#step('storing')
    this.#dieAt('at once', fate)
    const error = this.#commit(batch, fate.storing)
    await this.#step('storing')
    this.#dieAt('after store', fate)
    const ended = { weaknesses: null, durationMs: 1 }
    if (error !== null)
      return {
        outcome: { kind: 'failed', error, mayBeStored: fate.storing === 'failed after COMMIT' },
        ...ended,
      }
    const lostClicks = (batch as BacklogItem | null)?.kind === 'files' ? this.damagedClicks : 0
    const clicks = (batch?.totalClicks ?? 0) - lostClicks
    const stored = batch === null ? null : { isNew: true, rows: 1, clicks, lostClicks, damaged: [] }
    return { outcome: { kind: 'done', database: 'a', stored, ledger: 'level' }, ...ended }
  }

  #commit(batch: Batch | null, storing: Fate['storing']): FlushFailure | null {
    if (batch?.kind === 'batch' && batch.totalClicks > 0) {
      this.database.receive(batch)
      if (storing === 'stored' || storing === 'failed after COMMIT') this.database.commit(batch)
    }
    if (storing === 'stored') return null
    return {
      message: storing,
      code: '00000',
      reason: null,
      isReached: true,
      isPermanent: storing === 'refused',
      isOfJournal: storing === 'unreadable',
    }
  }

  #step(task: Task): Promise<void> {
    const pause = Promise.withResolvers<void>()
    this.#pauses.set(task, pause)
    return pause.promise
  }
}

interface Tick {
  readonly generation: number
  readonly clicks: Clicks
  total: number
}

class Death extends Error {}

/** Generations whose flip the worker may die before or after. */
class MortalGenerations extends Generations {
  readonly #dieAt: (point: 'before flip' | 'after flip') => void

  constructor(memory: SharedMemory, dieAt: (point: 'before flip' | 'after flip') => void) {
    super(memory)
    this.#dieAt = dieAt
  }

  override flip(from: number): void {
    this.#dieAt('before flip')
    super.flip(from)
    this.#dieAt('after flip')
  }
}

function rowsOf(batch: Batch) {
  return Array.from(batch.bannerIds, (bannerId, row) => ({
    bannerId,
    minute: batch.minutes[row]!,
    clicks: batch.clicks[VALID][row]!,
  }))
}

function add(clicks: Clicks, bannerId: number, minute: number, by: number): void {
  const key = `${bannerId}@${minute}`
  clicks.set(key, (clicks.get(key) ?? 0) + by)
}

function merge(into: Clicks, from: Clicks): void {
  for (const [key, by] of from) into.set(key, (into.get(key) ?? 0) + by)
}

function total(clicks: Clicks): number {
  return clicks.values().reduce((sum, by) => sum + by, 0)
}

function expectAtLeast(actual: Clicks, least: Clicks, what: string): void {
  for (const [key, clicks] of least) expect(actual.get(key) ?? 0, `${what}: ${key}`).to.be.at.least(clicks)
}

function expectAtMost(actual: Clicks, most: Clicks): void {
  for (const [key, clicks] of actual) expect(clicks, `doubled: ${key}`).to.be.at.most(most.get(key) ?? 0)
}
