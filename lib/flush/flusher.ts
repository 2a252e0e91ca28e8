import { DatabaseUnavailableError } from '../errors.ts'
import { clicksInRing, type ServiceBooks } from '../health/books.ts'
import type { Journal } from '../journal/keeper.ts'
import type { FlushFailure, FlushResult, FlushStage, FlushTask, StoredItem } from '../messages.ts'
import type { SharedMemory } from '../ring/layout.ts'
import { Backlog, type BacklogItem } from './backlog.ts'
import { Backoff } from './backoff.ts'
import type { Batch } from './batch.ts'
import { type Answer, PendingAsks } from './pending-asks.ts'
import type { FlushReport } from './report.ts'

/** An idle service asks Postgres whether it is there this often. */
const PING_INTERVAL_MS = 5000
const MEASURE_INTERVAL_MS = 1000

export interface FlusherOptions {
  readonly memory: SharedMemory
  readonly books: ServiceBooks
  readonly report: FlushReport
  /** Runs one task in the flush worker. Rejects when the worker died over it. */
  readonly run: (task: FlushTask) => Promise<FlushResult>
  readonly journal: Journal
  readonly intervalMs: number
  /** What the backlog may take, in memory and on disk; beyond it clicks are refused. */
  readonly maxBacklogBytes: number
}

/** What is not in Postgres at the end. */
export interface Leftover {
  /** Of this process. */
  readonly clicks: number
  /** No clicks are left, of earlier processes either. */
  readonly isAllStored: boolean
}

/**
 * Decides when the flush worker runs and what it is given, and keeps what is not in Postgres yet.
 *
 * One task runs at a time, and it tries one batch: the oldest of the backlog or, when there is none, the
 * generation that it has just collected.
 */
export class Flusher {
  readonly #options: FlusherOptions
  readonly #backoff = new Backoff()
  readonly #backlog: Backlog
  readonly #asks = new PendingAsks()
  #collectedGeneration = 0
  #storedGeneration = 0
  /** The newest generation that a worker was told to try as soon as it had collected it. */
  #triedGeneration = 0
  #schema: 'unknown' | 'missing' | 'ready' = 'unknown'
  #lastContactMs = 0
  #isRunning = false
  #isStopped = false
  #drained: PromiseWithResolvers<void> | null = null
  #journalBytes = 0
  #timer: NodeJS.Timeout | undefined
  #measureTimer: NodeJS.Timeout | undefined

  constructor(options: FlusherOptions) {
    this.#options = options
    this.#backlog = new Backlog(batch => options.journal.spill(batch))
  }

  /** Before the first flush: what an earlier process has left comes before everything of this one. */
  start(): void {
    for (const item of this.#options.journal.recover()) this.#backlog.addItem(item)
    this.#measure()
    this.#measureTimer = setInterval(() => this.#measure(), MEASURE_INTERVAL_MS)
    this.#timer = setInterval(() => this.#flushIfNeeded(), this.#options.intervalMs)
  }

  /** Until this is called, batches are collected and wait: the tables may not be there yet. */
  allowStoring(): void {
    this.#schema = 'ready'
    this.#wake()
  }

  /** The tables cannot be made ready now: whoever asks for them need not wait. */
  refuseStoring(): void {
    this.#schema = 'missing'
    this.#wake()
  }

  /**
   * Has a generation flushed, sharing the flush with everyone who asks meanwhile. Rejects with
   * DatabaseUnavailableError when it is to be stored and Postgres does not take it.
   */
  ask(generation: number, until: FlushStage): Promise<void> {
    if (this.#isReached(generation, until)) return Promise.resolve()
    const answer = this.#asks.add(generation, until)
    this.#wake()
    return answer
  }

  /**
   * The last flushes, when no click is accepted any more: until everything is stored or `signal` is given.
   * Resolves with what is left.
   */
  async drain(signal: AbortSignal): Promise<Leftover> {
    clearInterval(this.#timer)
    this.#backoff.reset()
    await this.#untilStored(signal)
    if (this.#isAllStored) {
      this.#backlog.addItem(this.#options.journal.ownEnd())
      await this.#untilStored(signal)
    }
    // A task that still runs is the last one, and its end starts no other.
    this.#isStopped = true
    this.#backoff.reset()
    clearInterval(this.#measureTimer)
    return { clicks: this.#unstoredClicks, isAllStored: this.#isAllStored }
  }

  async #untilStored(signal: AbortSignal): Promise<void> {
    this.#drained = Promise.withResolvers()
    this.#wake()
    await Promise.race([this.#drained.promise, aborted(signal)])
  }

  /** Of those that this process has accepted. */
  get #unstoredClicks(): number {
    return clicksInRing(this.#options.memory) + this.#backlog.totalClicks
  }

  get #isAllStored(): boolean {
    return !this.#backlog.hasClicks && clicksInRing(this.#options.memory) === 0
  }

  #measure(): void {
    this.#journalBytes = this.#options.journal.measure(Date.now())
    this.#options.report.backlogIsFull(this.#isBacklogFull)
  }

  #flushIfNeeded(): void {
    if (!this.#isAllStored || performance.now() - this.#lastContactMs > PING_INTERVAL_MS) this.#wake()
  }

  #wake(): void {
    if (!this.#isRunning && !this.#isStopped) void this.#runTasks()
  }

  /** One task after the other while there is something that the next one can move on. */
  async #runTasks(): Promise<void> {
    this.#isRunning = true
    let isMoving = true
    while (isMoving) {
      const task = this.#nextTask()
      isMoving = (task.collectAfter !== null || task.isStoring) && (await this.#runTask(task))
      this.#asks.settle((generation, until) => this.#answer(generation, until))
      isMoving &&= !this.#isStopped && this.#canMoveOn
    }
    // In the same turn as the last look at the asks: one that comes later finds nothing running.
    this.#isRunning = false
    if (this.#isAllStored) this.#drained?.resolve()
  }

  async #runTask(task: FlushTask): Promise<boolean> {
    try {
      this.#settle(task, await this.#options.run(task))
      return true
    } catch (error) {
      // The batch, if there was one to try, comes back from the ring or stays frozen: the outcome is unknown.
      this.#backOff()
      if (!this.#isStopped) this.#options.report.workerDied(error as Error)
      return false
    }
  }

  get #canMoveOn(): boolean {
    if (this.#asks.goBeyond(this.#collectedGeneration)) return true
    const isUrgent = !this.#asks.isEmpty || this.#backlog.hasWaiting
    return this.#mayStore && (isUrgent || (this.#drained !== null && !this.#isAllStored))
  }

  get #mayStore(): boolean {
    return this.#schema === 'ready' && this.#backoff.isOver
  }

  #nextTask(): FlushTask {
    const isStoring = this.#mayStore
    const frozen = isStoring ? this.#freeze() : null
    const collectAfter = this.#isCollecting ? this.#collectedGeneration : null
    if (isStoring && frozen === null && collectAfter !== null) this.#triedGeneration = collectAfter + 1
    return { collectAfter, frozen, isStoring }
  }

  /** A writer whose files are still there, for whatever reason, keeps its row in the ledger. */
  #freeze(): BacklogItem | null {
    const item = this.#backlog.freeze()
    if (item?.kind !== 'writer' || this.#options.journal.isGone(item.writer)) return item
    this.#backlog.stored()
    return this.#freeze()
  }

  get #isCollecting(): boolean {
    return clicksInRing(this.#options.memory) > 0 || this.#asks.goBeyond(this.#collectedGeneration)
  }

  get #isBacklogFull(): boolean {
    return this.#backlog.bytes + this.#journalBytes >= this.#options.maxBacklogBytes
  }

  #settle(task: FlushTask, result: FlushResult): void {
    const { collected } = result
    if (collected !== null) this.#keep(collected)
    if (task.isStoring) this.#settleStoring(result)
    if (!this.#backlog.hasClicks) this.#storedGeneration = this.#collectedGeneration
    this.#options.report.backlogIsFull(this.#isBacklogFull)
  }

  /** A batch that came out of the ring: from here on, its half may be emptied. */
  #keep(collected: Batch): void {
    // First, since it takes memory and may fail: the ring is read again then.
    const waiting = collected.totalClicks > 0 ? this.#addToBacklog(collected) : null
    const lostClicks = this.#options.books.collected(collected.generation, collected.totalClicks)
    if (lostClicks > 0) this.#options.report.lost(collected.generation, lostClicks)
    this.#collectedGeneration = collected.generation
    if (waiting !== null) this.#options.journal.grown(waiting)
  }

  /** Returns the waiting batch that it has become, or become part of; null: it does not wait. */
  #addToBacklog(collected: Batch): Batch | null {
    if (collected.generation !== this.#triedGeneration) return this.#backlog.add(collected)
    // Perhaps tried by a worker that died over it, so never to be merged with another one.
    this.#backlog.addFrozen(collected)
    return null
  }

  #settleStoring(result: FlushResult): void {
    this.#lastContactMs = performance.now()
    if (!result.isStored) {
      this.#failed(result.error!)
      return
    }
    this.#backoff.reset()
    const item = this.#backlog.frozen
    if (item !== null) this.#stored(item, result.stored)
    this.#options.report.succeeded(result.durationMs, result.stored?.rows ?? null)
  }

  #stored(item: BacklogItem, stored: StoredItem | null): void {
    const { books, journal, report } = this.#options
    books.stored(item.totalClicks)
    this.#backlog.stored()
    journal.stored(item, stored?.damaged ?? [])
    if (item.kind === 'batch' || (item.kind === 'files' && item.isOwn))
      this.#storedGeneration = item.generation
    else if (item.kind === 'files') report.recovered(item, stored!)
  }

  #failed(failure: FlushFailure): void {
    this.#backOff()
    this.#options.report.failed(failure)
    if (this.#options.journal.isBatchUnsafe) this.#backlog.spillFrozen()
  }

  #backOff(): void {
    if (!this.#isStopped) this.#backoff.fail(() => this.#wake())
  }

  #answer(generation: number, until: FlushStage): Answer {
    if (this.#isReached(generation, until)) return 'reached'
    if (until === 'stored' && !this.#mayStore && this.#schema !== 'unknown')
      return new DatabaseUnavailableError()
    return 'later'
  }

  #isReached(generation: number, until: FlushStage): boolean {
    if (until === 'collected') return this.#collectedGeneration >= generation
    return this.#storedGeneration >= generation || this.#isAllStored
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
