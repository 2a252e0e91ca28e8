import { DatabaseUnavailableError, NotStoredError } from '../base/errors.ts'
import type { Journal } from '../journal/keep/keeper.ts'
import type { FlushStage } from '../messages.ts'
import type { Backlog } from './backlog.ts'
import type { Collector } from './collector.ts'
import type { OpenAsks, Verdict } from './open-asks.ts'
import type { Storer, StoreTry } from './storer.ts'
import type { TaskSlot } from './task-slot.ts'

/** An idle service looks this often whether Postgres is there. */
const PING_INTERVAL_MS = 5000

/** Decisions are made from these. Each is looked at when it is needed. */
export interface FlushFacts {
  readonly collecting: Pick<TaskSlot, 'state'>
  readonly storing: Pick<TaskSlot, 'state'>
  /** Clicks that are not collected yet. */
  readonly clicksInRing: () => number
  readonly collector: Pick<Collector, 'collectedGeneration'>
  readonly storer: Pick<Storer, 'ledgerGeneration' | 'isElsewhere'>
  readonly backlog: Pick<Backlog, 'isEmpty' | 'hasClicks' | 'hasStorableClicks'>
  readonly journal: Pick<Journal, 'isUnmet'>
  readonly asks: Pick<OpenAsks, 'newestGeneration' | 'isStoringAwaited'>
}

/**
 * Decides when to collect and when to store, and what becomes of an ask. It starts nothing itself: it is told
 * what happens, and asked what follows from that.
 */
export class Schedule {
  readonly #facts: FlushFacts
  /** The interval has passed, and there was something to collect. */
  #isDue = false
  /** Postgres did not take the last item, or more had come by the time that it did. */
  #isBehind = false
  #isDraining = false
  #tables: 'unknown' | 'missing' | 'ready' = 'unknown'
  #lastContactMs = Number.NEGATIVE_INFINITY

  constructor(facts: FlushFacts) {
    this.#facts = facts
  }

  intervalPassed(): void {
    this.#isDue = this.#facts.clicksInRing() > 0
  }

  /**
   * Until they are ready, batches are collected and wait. When they are missing,
   * nobody need wait for storing.
   */
  tablesAre(state: 'missing' | 'ready'): void {
    this.#tables = state
  }

  /** No click is accepted any more: everything is to be stored. */
  drain(): void {
    this.#isDraining = true
  }

  /** Called at the start, not at the end: the next interval may pass while this generation is waited for. */
  collectingStarts(): void {
    this.#isDue = false
  }

  collectingFailed(): void {
    this.#isDue = true
  }

  storingEnded({ isGood, hadItem, hasCompared }: StoreTry): void {
    // After a ping, what is in the backlog has come meanwhile, and has not waited.
    this.#isBehind = !isGood || (hadItem && !this.#facts.backlog.isEmpty)
    if (hasCompared) this.#lastContactMs = performance.now()
  }

  get startsCollecting(): boolean {
    const { collecting, collector, asks, clicksInRing } = this.#facts
    if (collecting.state !== 'free') return false
    if (asks.newestGeneration > collector.collectedGeneration) return true
    return (this.#isDue || this.#isDraining) && clicksInRing() > 0
  }

  /** Whether to store an item, or to ping when there is none. */
  get startsStoring(): boolean {
    const { storing, backlog } = this.#facts
    if (storing.state !== 'free' || this.#tables !== 'ready') return false
    return !backlog.isEmpty || performance.now() - this.#lastContactMs > PING_INTERVAL_MS
  }

  /** false: the flush worker pauses now and then, and leaves the cores to the clicks. */
  get isStoringUrgent(): boolean {
    return this.#isDraining || this.#facts.asks.isStoringAwaited || this.#isBehind
  }

  /** Nothing is left to store, of earlier processes either. */
  get isAllStored(): boolean {
    const { backlog, journal, clicksInRing } = this.#facts
    return !backlog.hasClicks && !journal.isUnmet && clicksInRing() === 0
  }

  get isDrained(): boolean {
    return this.isAllStored && this.#facts.storing.state !== 'busy'
  }

  verdict(generation: number, until: FlushStage): Verdict {
    const { collector, storer } = this.#facts
    if (until === 'collected') return collector.collectedGeneration >= generation ? 'reached' : 'wait'
    // First: what is stored is in our database, but a reader would get the answer of the other one.
    if (storer.isElsewhere) return new DatabaseUnavailableError()
    // Before what is stored: with nothing to store, a question would be read from tables that are not there yet.
    if (this.#tables === 'unknown') return 'wait'
    if (this.#isStored(generation)) return 'reached'
    if (this.#tables === 'missing') return new DatabaseUnavailableError()
    return this.#facts.storing.state === 'backing off' ? new NotStoredError() : 'wait'
  }

  /** Deferred items do not count: they are of earlier processes, and cannot be read now. */
  #isStored(generation: number): boolean {
    const { collector, storer, backlog, journal } = this.#facts
    if (storer.ledgerGeneration >= generation || this.isAllStored) return true
    // Until a database is met, what earlier processes have left is not in the backlog.
    if (journal.isUnmet || backlog.hasStorableClicks) return false
    return collector.collectedGeneration >= generation
  }
}
