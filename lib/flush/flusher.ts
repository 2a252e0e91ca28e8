import { monotonicMs } from '../base/monotonic.ts'
import { clicksInRing } from '../books/balance.ts'
import type { FlushStage, FlushWorkerTasks } from '../messages.ts'
import { Generations } from '../ring/generations.ts'
import { grossOf } from '../rows/classes.ts'
import { Backlog } from './backlog.ts'
import { Budget, type BudgetOptions } from './budget.ts'
import { Collector } from './collector.ts'
import { FinalThrough } from './final-through.ts'
import { OpenAsks } from './open-asks.ts'
import { Schedule } from './schedule.ts'
import { StallWatch } from './stall-watch.ts'
import { type Stand, Standing } from './standing.ts'
import { Storer, type StorerOptions } from './storer.ts'
import { TaskSlot } from './task-slot.ts'

const MEASURE_INTERVAL_MS = 1000

interface FlusherOptions extends StorerOptions, Pick<BudgetOptions, 'maxBacklogBytes'> {
  readonly worker: FlushWorkerTasks
  readonly intervalMs: number
}

/** What is not in Postgres at the end. */
export interface Leftover {
  /** Of this process. */
  readonly clicks: number
  /** No clicks are left, of earlier processes either. */
  readonly isAllStored: boolean
}

/**
 * Flushes: has generations collected one after the other, and items of the backlog stored one after the
 * other, each on its own, so that the ring is emptied while Postgres is slow or away. The schedule decides
 * what starts when, the budget whether clicks are accepted.
 */
export class Flusher {
  readonly #options: FlusherOptions
  readonly #backlog: Backlog
  readonly #collector: Collector
  readonly #storer: Storer
  readonly #schedule: Schedule
  readonly #budget: Budget
  readonly #asks = new OpenAsks()
  readonly #collecting: TaskSlot
  readonly #storing: TaskSlot
  readonly #stallWatch: StallWatch
  readonly #standing: Standing
  #afterStore: () => void = () => {}
  #drained: PromiseWithResolvers<void> | null = null
  #timer: NodeJS.Timeout | undefined
  #measureTimer: NodeJS.Timeout | undefined

  constructor(options: FlusherOptions) {
    this.#options = options
    this.#backlog = new Backlog(batch => options.journal.spill(batch))
    const finalThrough = new FinalThrough({ wallMs: Date.now, monotonicMs })
    this.#collector = new Collector(this.#backlog, { ...options, finalThrough })
    this.#storer = new Storer(this.#backlog, () => this.#move(), options)
    this.#budget = new Budget(this.#backlog, options)
    this.#stallWatch = new StallWatch(options.memory)
    this.#standing = new Standing({
      memory: options.memory,
      journal: options.journal,
      generations: new Generations(options.memory),
      backlog: this.#backlog,
      collector: this.#collector,
      storer: this.#storer,
      finalThrough,
    })
    const move = () => this.#move()
    this.#collecting = new TaskSlot('collecting', options.report, move)
    this.#storing = new TaskSlot('storing', options.report, move)
    this.#schedule = new Schedule({
      collecting: this.#collecting,
      storing: this.#storing,
      clicksInRing: () => grossOf(clicksInRing(options.memory)),
      collector: this.#collector,
      storer: this.#storer,
      backlog: this.#backlog,
      journal: options.journal,
      asks: this.#asks,
    })
  }

  /** Throws a StartError when the journal cannot be read. */
  start(): void {
    const { journal, ledgerReport, intervalMs } = this.#options
    // Before the first flush: what an earlier process has left has to be stored
    // before everything of this one.
    journal.recover()
    ledgerReport.aside(journal.asideFiles)
    ledgerReport.asideBulks(journal.asideBulkFiles)
    this.#measure()
    this.#measureTimer = setInterval(() => this.#measure(), MEASURE_INTERVAL_MS)
    this.#timer = setInterval(() => {
      this.#schedule.intervalPassed()
      this.#move()
    }, intervalMs)
  }

  /** Until this is called, batches are collected and wait: the tables may not be there yet. */
  allowStoring(): void {
    this.#schedule.tablesAre('ready')
    this.#move()
  }

  /** The tables cannot be made ready now: those who ask for storing need not wait. */
  refuseStoring(): void {
    this.#schedule.tablesAre('missing')
    this.#move()
  }

  /** How far this process's clicks are in Postgres; null: no database was met yet. */
  stand(): Stand | null {
    return this.#standing.look()
  }

  /** `listener` is called whenever Postgres has taken something, or has answered that it is there. */
  afterStore(listener: () => void): void {
    this.#afterStore = listener
  }

  /**
   * Has a generation flushed, sharing the flush with all others that ask meanwhile. Rejects with
   * NotStoredError when it is to be stored and Postgres does not take it, with DatabaseUnavailableError when what is there
   * must not be read either, and with the signal's reason when the signal comes first.
   */
  ask(generation: number, until: FlushStage, signal?: AbortSignal): Promise<void> {
    // First: an ask for a generation that is stored already must not cause a flush.
    if (this.#schedule.verdict(generation, until) === 'reached') return Promise.resolve()
    const settled = this.#asks.add(generation, until, signal)
    this.#move()
    return settled
  }

  /** Nothing is left in the backlog, no end of a writer either. */
  get isBacklogEmpty(): boolean {
    return this.#backlog.isEmpty
  }

  /**
   * The last flushes, when no click is accepted any more: until everything is stored or `signal` is given.
   * Resolves with what is left.
   */
  async drain(signal: AbortSignal): Promise<Leftover> {
    clearInterval(this.#timer)
    this.#schedule.drain()
    // A back-off takes up to 10 s, more than the deadline of a stop.
    for (const waiting of [this.#collecting, this.#storing, this.#storer]) waiting.hurry()
    await this.#untilDrained(signal)
    if (this.#schedule.isAllStored) {
      // After all clicks: once a writer has ended, its row in the ledger may be deleted,
      // and its clicks need that row.
      this.#backlog.addItem(this.#options.journal.ownEnd())
      await this.#untilDrained(signal)
    }
    // Before the result: a task that started after it would store what the result says is left.
    for (const running of [this.#collecting, this.#storing, this.#storer]) running.stop()
    clearInterval(this.#measureTimer)
    const { asideClicks } = this.#storer
    return {
      clicks: grossOf(clicksInRing(this.#options.memory)) + this.#backlog.totalClicks + asideClicks,
      isAllStored: this.#schedule.isAllStored && asideClicks === 0,
    }
  }

  async #untilDrained(signal: AbortSignal): Promise<void> {
    this.#drained = Promise.withResolvers()
    this.#move()
    await Promise.race([this.#drained.promise, aborted(signal)])
  }

  /** Called after every event: starts what can be started, and settles asks that need not wait any longer. */
  #move(): void {
    if (this.#schedule.startsCollecting) void this.#collecting.run(() => this.#collect())
    if (this.#schedule.startsStoring) void this.#storing.run(() => this.#store())
    this.#asks.settle((generation, until) => this.#schedule.verdict(generation, until))
    // After the starts: the end of the own writer counts as no click, so the drain would
    // be over before it is tried.
    if (this.#schedule.isDrained) this.#drained?.resolve()
  }

  async #collect(): Promise<boolean> {
    this.#schedule.collectingStarts()
    const batch = await this.#collector.collect().catch(error => {
      this.#schedule.collectingFailed()
      throw error
    })
    this.#budget.check()
    // Before the journal looks at the batch: a batch that is stored at once needs no file.
    this.#move()
    if (batch !== null && this.#backlog.isWaiting(batch)) this.#options.journal.grown(batch)
    return true
  }

  async #store(): Promise<boolean> {
    const tried = await this.#storer.store(this.#schedule.isStoringUrgent)
    this.#schedule.storingEnded(tried)
    this.#budget.check()
    if (tried.isGood) this.#afterStore()
    return tried.isGood
  }

  #measure(): void {
    this.#budget.measure()
    const { busySinceMs: collecting } = this.#collecting
    const { busySinceMs: storing } = this.#storing
    this.#options.report.stalled(this.#stallWatch.look({ collecting, storing }))
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
