import { DatabaseUnavailableError } from '../base/errors.ts'
import { clicksInRing } from '../books/balance.ts'
import type { FlushStage } from '../messages.ts'
import type { Batch } from '../rows/batch.ts'
import { Backlog } from './backlog.ts'
import { OpenAsks, type Verdict } from './open-asks.ts'
import type { FlushWorker } from './pool.ts'
import { StallWatch } from './stall-watch.ts'
import { Storer, type StorerOptions } from './storer.ts'
import { TaskSlot } from './task-slot.ts'

/** An idle service asks Postgres whether it is there this often. */
const PING_INTERVAL_MS = 5000
const MEASURE_INTERVAL_MS = 1000

export interface FlusherOptions extends StorerOptions {
  readonly worker: Pick<FlushWorker, 'collect' | 'store'>
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
  readonly #storer: Storer
  readonly #asks = new OpenAsks()
  readonly #collecting: TaskSlot
  readonly #storing: TaskSlot
  readonly #stallWatch: StallWatch
  #collectedGeneration = 0
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
    this.#storer = new Storer(this.#backlog, () => this.#move(), options)
    this.#stallWatch = new StallWatch(options.memory)
    const { report } = options
    const move = () => this.#move()
    this.#collecting = new TaskSlot(move, error => report.taskFailed('collecting', error))
    this.#storing = new TaskSlot(move, error => report.taskFailed('storing', error))
  }

  /** Before the first flush: what an earlier process has left comes before everything of this one. */
  start(): void {
    this.#options.journal.recover()
    this.#options.ledgerReport.aside(this.#options.journal.asideFiles)
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
    if (this.#answer(generation, until) === 'reached') return Promise.resolve()
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
    this.#storer.hurry()
    await this.#untilStored(signal)
    if (this.#isAllStored) {
      this.#backlog.addItem(this.#options.journal.ownEnd())
      await this.#untilStored(signal)
    }
    this.#collecting.stop()
    this.#storing.stop()
    this.#storer.stop()
    clearInterval(this.#measureTimer)
    const { asideClicks } = this.#storer
    return {
      clicks: this.#unstoredClicks + asideClicks,
      isAllStored: this.#isAllStored && asideClicks === 0,
    }
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
    const { memory, journal } = this.#options
    return !this.#backlog.hasClicks && !journal.isUnmet && clicksInRing(memory) === 0
  }

  #measure(): void {
    const { journal, maxBacklogBytes } = this.#options
    this.#journalBytes = journal.measure(Date.now()) ?? this.#journalBytes
    journal.limitKept(maxBacklogBytes - this.#backlog.bytes - this.#journalBytes)
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
    if (this.#asks.newestGeneration > this.#collectedGeneration) return true
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
    this.#reportBacklog()
    // What is stored at once needs no file.
    this.#move()
    if (waiting !== null && this.#backlog.isWaiting(waiting)) this.#options.journal.grown(waiting)
  }

  async #store(): Promise<boolean> {
    const { isGood, hadItem, hasCompared } = await this.#storer.store(this.#isStoringUrgent)
    // A question is no load: what has come meanwhile, at the same tick of the interval perhaps, had not to wait.
    this.#isBehind = !isGood || (hadItem && !this.#backlog.isEmpty)
    if (hasCompared) this.#lastContactMs = performance.now()
    this.#reportBacklog()
    return isGood
  }

  get #isStoringUrgent(): boolean {
    return this.#drained !== null || this.#asks.isStoringAwaited || this.#isBehind
  }

  #reportBacklog(): void {
    this.#options.report.backlogIsFull(this.#isBacklogFull)
  }

  get #isBacklogFull(): boolean {
    return this.#backlog.bytes + this.#journalBytes >= this.#options.maxBacklogBytes
  }

  #answer(generation: number, until: FlushStage): Verdict {
    if (until === 'stored' && this.#storer.isElsewhere) return new DatabaseUnavailableError()
    if (this.#isReached(generation, until)) return 'reached'
    if (until === 'stored' && this.#isUnavailable) return new DatabaseUnavailableError()
    return 'wait'
  }

  get #isUnavailable(): boolean {
    return this.#schema === 'missing' || (this.#schema === 'ready' && this.#storing.isBackingOff)
  }

  #isReached(generation: number, until: FlushStage): boolean {
    if (until === 'collected') return this.#collectedGeneration >= generation
    if (this.#storer.ledgerGeneration >= generation || this.#isAllStored) return true
    return !this.#backlog.hasStorableClicks && this.#collectedGeneration >= generation
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
