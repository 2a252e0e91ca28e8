import { DatabaseUnavailableError } from '../errors.ts'
import { clicksInRing, type ServiceBooks } from '../health/books.ts'
import type { Journal } from '../journal/keeper.ts'
import type { FlushStage, StoredItem } from '../messages.ts'
import type { SharedMemory } from '../ring/layout.ts'
import { Backlog, type BacklogItem } from './backlog.ts'
import { Backoff } from './backoff.ts'
import type { Batch } from './batch.ts'
import { type Answer, PendingAsks } from './pending-asks.ts'
import type { FlushWorker } from './pool.ts'
import type { FlushReport } from './report.ts'
import { StallWatch } from './stall-watch.ts'
import { TaskSlot } from './task-slot.ts'

/** An idle service asks Postgres whether it is there this often. */
const PING_INTERVAL_MS = 5000
const MEASURE_INTERVAL_MS = 1000

export interface FlusherOptions {
  readonly memory: SharedMemory
  readonly books: ServiceBooks
  readonly report: FlushReport
  readonly worker: Pick<FlushWorker, 'collect' | 'store'>
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
 * Decides when the flush worker collects and what it stores, and keeps what is not in Postgres yet.
 *
 * Generations are collected one after the other, and items of the backlog are stored one after the other,
 * each on its own: the ring is emptied while Postgres is slow, or away.
 */
export class Flusher {
  readonly #options: FlusherOptions
  readonly #backlog: Backlog
  readonly #asks = new PendingAsks()
  readonly #collecting: TaskSlot
  readonly #storing: TaskSlot
  readonly #rereading = new Backoff()
  readonly #stallWatch: StallWatch
  #collectedGeneration = 0
  #storedGeneration = 0
  /** The interval has passed, and there was something to collect. */
  #isDue = false
  /** Postgres did not take the last item, or more had come by the time that it did. */
  #isBehind = false
  #schema: 'unknown' | 'missing' | 'ready' = 'unknown'
  #lastContactMs = Number.NEGATIVE_INFINITY
  #drained: PromiseWithResolvers<void> | null = null
  #journalBytes = 0
  #timer: NodeJS.Timeout | undefined
  #measureTimer: NodeJS.Timeout | undefined

  constructor(options: FlusherOptions) {
    this.#options = options
    this.#backlog = new Backlog(batch => options.journal.spill(batch))
    this.#stallWatch = new StallWatch(options.memory)
    const { report } = options
    const move = () => this.#move()
    this.#collecting = new TaskSlot(move, error => report.taskFailed('collecting', error))
    this.#storing = new TaskSlot(move, error => report.taskFailed('storing', error))
  }

  /** Before the first flush: what an earlier process has left comes before everything of this one. */
  start(): void {
    for (const item of this.#options.journal.recover()) this.#backlog.addItem(item)
    this.#measure()
    this.#measureTimer = setInterval(() => this.#measure(), MEASURE_INTERVAL_MS)
    this.#timer = setInterval(() => {
      this.#isDue = clicksInRing(this.#options.memory) > 0
      this.#move()
    }, this.#options.intervalMs)
  }

  /** Until this is called, batches are collected and wait: the tables may not be there yet. */
  allowStoring(): void {
    this.#schema = 'ready'
    this.#move()
  }

  /** The tables cannot be made ready now: whoever asks for them need not wait. */
  refuseStoring(): void {
    this.#schema = 'missing'
    this.#move()
  }

  /**
   * Has a generation flushed, sharing the flush with everyone who asks meanwhile. Rejects with
   * DatabaseUnavailableError when it is to be stored and Postgres does not take it, and with the signal's
   * reason when that is given first.
   */
  ask(generation: number, until: FlushStage, signal?: AbortSignal): Promise<void> {
    if (this.#isReached(generation, until)) return Promise.resolve()
    const answer = this.#asks.add(generation, until, signal)
    this.#move()
    return answer
  }

  /**
   * The last flushes, when no click is accepted any more: until everything is stored or `signal` is given.
   * Resolves with what is left.
   */
  async drain(signal: AbortSignal): Promise<Leftover> {
    clearInterval(this.#timer)
    this.#collecting.hurry()
    this.#storing.hurry()
    this.#rereading.reset()
    this.#backlog.resume()
    await this.#untilStored(signal)
    if (this.#isAllStored) {
      this.#backlog.addItem(this.#options.journal.ownEnd())
      await this.#untilStored(signal)
    }
    this.#collecting.stop()
    this.#storing.stop()
    this.#rereading.reset()
    clearInterval(this.#measureTimer)
    return { clicks: this.#unstoredClicks, isAllStored: this.#isAllStored }
  }

  async #untilStored(signal: AbortSignal): Promise<void> {
    this.#drained = Promise.withResolvers()
    this.#move()
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
    this.#journalBytes = this.#options.journal.measure(Date.now()) ?? this.#journalBytes
    this.#options.report.backlogIsFull(this.#isBacklogFull)
    const { busySinceMs: collecting } = this.#collecting
    const { busySinceMs: storing } = this.#storing
    this.#options.report.stalled(this.#stallWatch.look({ collecting, storing }))
  }

  /** After all that happens: starts what can be started, and answers whoever need not wait any longer. */
  #move(): void {
    if (this.#collecting.isFree && this.#hasToCollect) void this.#collecting.run(() => this.#collect())
    if (this.#storing.isFree && this.#hasToStore) void this.#storing.run(() => this.#store())
    this.#asks.settle((generation, until) => this.#answer(generation, until))
    if (this.#isAllStored && !this.#storing.isBusy) this.#drained?.resolve()
  }

  get #hasToCollect(): boolean {
    if (this.#asks.goBeyond(this.#collectedGeneration)) return true
    return (this.#isDue || this.#drained !== null) && clicksInRing(this.#options.memory) > 0
  }

  get #hasToStore(): boolean {
    if (this.#schema !== 'ready') return false
    return !this.#backlog.isEmpty || performance.now() - this.#lastContactMs > PING_INTERVAL_MS
  }

  async #collect(): Promise<boolean> {
    // The next interval may pass while this generation is waited for.
    this.#isDue = false
    try {
      this.#keep(await this.#options.worker.collect(this.#collectedGeneration))
      return true
    } catch (error) {
      this.#isDue = true
      throw error
    }
  }

  /** A batch that came out of the ring: from here on, its half may be emptied. */
  #keep(collected: Batch): void {
    // First, since it takes memory and may fail: the ring is read again then.
    const waiting = collected.totalClicks > 0 ? this.#backlog.add(collected) : null
    const lostClicks = this.#options.books.collected(collected.generation, collected.totalClicks)
    if (lostClicks > 0) this.#options.report.lost(collected.generation, lostClicks)
    this.#collectedGeneration = collected.generation
    this.#settleBacklog()
    // What is stored at once needs no file.
    this.#move()
    if (waiting !== null && this.#backlog.isWaiting(waiting)) this.#options.journal.grown(waiting)
  }

  /** Tries the oldest item of the backlog; without one, it finds out whether Postgres is there. */
  async #store(): Promise<boolean> {
    const item = this.#freeze()
    const { error, stored, weaknesses, durationMs } = await this.#options.worker.store({
      item,
      isUrgent: this.#isStoringUrgent,
    })
    if (weaknesses !== null) this.#options.report.durability(weaknesses)
    // A question is no load: what has come meanwhile, at the same tick of the interval perhaps, had not to wait.
    this.#isBehind = error !== null || (item !== null && this.#backlog.hasWaiting)
    if (error !== null) {
      this.#options.report.failed(error)
      return error.isOfJournal && this.#defer()
    }
    this.#lastContactMs = performance.now()
    if (item !== null) this.#stored(item, stored)
    this.#options.report.succeeded(durationMs, stored?.rows ?? null, this.#isAllStored)
    if (item !== null && !this.#backlog.hasDeferred) this.#allIsReadable()
    this.#settleBacklog()
    return true
  }

  /** What an earlier process has left, and cannot be read now, is tried again later: others come first. */
  #defer(): boolean {
    if (!this.#backlog.defer()) return false
    if (this.#rereading.isOver) this.#rereading.fail(() => this.#resume())
    this.#settleBacklog()
    return true
  }

  #resume(): void {
    this.#backlog.resume()
    this.#move()
  }

  #allIsReadable(): void {
    this.#rereading.reset()
    this.#options.report.journalIsReadable()
  }

  get #isStoringUrgent(): boolean {
    return this.#drained !== null || this.#asks.isStoringAwaited || this.#isBehind
  }

  /** A writer whose files are still there, for whatever reason, keeps its row in the ledger. */
  #freeze(): BacklogItem | null {
    const item = this.#backlog.freeze()
    if (item?.kind !== 'writer' || this.#options.journal.isGone(item.writer)) return item
    this.#backlog.stored()
    return this.#freeze()
  }

  #stored(item: BacklogItem, stored: StoredItem | null): void {
    const { books, journal, report } = this.#options
    // Of a file of our own that was damaged since, less is there than went in: the books show that, too.
    const lostClicks =
      item.kind === 'files' && item.isOwn && stored!.isNew ? item.totalClicks - stored!.clicks : 0
    books.stored(item.totalClicks, lostClicks)
    if (item.kind === 'files' && lostClicks > 0) report.lostOnDisk(item.generation, lostClicks)
    this.#backlog.stored()
    journal.stored(item, stored?.damaged ?? [])
    if (item.kind === 'batch' || (item.kind === 'files' && item.isOwn))
      this.#storedGeneration = item.generation
    else if (item.kind === 'files') report.recovered(item, stored!)
  }

  #settleBacklog(): void {
    if (!this.#backlog.hasStorableClicks) this.#storedGeneration = this.#collectedGeneration
    this.#options.report.backlogIsFull(this.#isBacklogFull)
  }

  get #isBacklogFull(): boolean {
    return this.#backlog.bytes + this.#journalBytes >= this.#options.maxBacklogBytes
  }

  #answer(generation: number, until: FlushStage): Answer {
    if (this.#isReached(generation, until)) return 'reached'
    if (until === 'stored' && this.#isUnavailable) return new DatabaseUnavailableError()
    return 'later'
  }

  get #isUnavailable(): boolean {
    return this.#schema === 'missing' || (this.#schema === 'ready' && this.#storing.isBackingOff)
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
