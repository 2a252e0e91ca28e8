import { clicksInRing, grossBalance, readBalances } from '../books/balance.ts'
import type { Journal } from '../journal/keep/keeper.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { Generations } from '../ring/generations.ts'
import { grossOf } from '../rows/classes.ts'
import type { Backlog } from './backlog.ts'
import type { Collector } from './collector.ts'
import type { FinalThrough } from './final-through.ts'
import type { Storer } from './storer.ts'

/** How far this process's clicks are in Postgres. */
export interface Stand {
  /** The id of the database that they are in. */
  readonly database: string
  /** It is so as long as the ledger has reached these generations at least, by writer. */
  readonly expected: ReadonlyMap<string, number>
  /** No click that this process has acknowledged before turns up later. Milliseconds since the epoch. */
  readonly finalThroughMs: number
  /** Gross, with those that were put aside. */
  readonly pending: number
  /**
   * Earlier writers whose clicks wait in this process's journal, and since when they may be from; milliseconds since
   * the epoch.
   */
  readonly earlier: ReadonlyMap<string, number>
}

interface StandingOptions {
  readonly memory: SharedMemory
  readonly generations: Pick<Generations, 'isBroken'>
  readonly journal: Pick<Journal, 'database' | 'startedAtMs'>
  readonly backlog: Pick<Backlog, 'hasOwn' | 'earlierFiles'>
  readonly collector: Pick<Collector, 'collectedGeneration'>
  readonly storer: Pick<Storer, 'storedGeneration' | 'asideClicks' | 'expected'>
  readonly finalThrough: Pick<FinalThrough, 'through'>
}

/** Tells how far this process's clicks are in Postgres. */
export class Standing {
  readonly #options: StandingOptions

  constructor(options: StandingOptions) {
    this.#options = options
  }

  /** null: no database was met yet. */
  look(): Stand | null {
    const { memory, journal, storer, finalThrough } = this.#options
    const { database } = journal
    if (database === null) return null
    const finalThroughMs = finalThrough.through(() => {
      const isCollectedStored = this.#isCollectedStored
      return {
        ledgerGeneration: storer.storedGeneration,
        isCollectedStored,
        isIdle: isCollectedStored && this.#isRingEmpty,
      }
    })
    return {
      database,
      expected: storer.expected,
      finalThroughMs,
      pending: grossBalance(readBalances(memory)).pending,
      earlier: this.#earlier,
    }
  }

  get #isCollectedStored(): boolean {
    const { backlog, storer } = this.#options
    return !backlog.hasOwn && storer.asideClicks === 0
  }

  /**
   * No click is in the ring, and no thread is about to add one. The threads first: one that leaves between the two
   * looks has booked its clicks, and the second look finds them.
   */
  get #isRingEmpty(): boolean {
    const { memory, generations, collector } = this.#options
    const isInside = (threadIndex: number) =>
      Atomics.load(memory.i32, memory.presenceIndex(threadIndex)) !== 0
    if (Array.from({ length: memory.threadCount }, (_, index) => index).some(isInside)) return false
    // A thread that died there has perhaps journaled clicks that nobody has booked.
    const uncollected = [collector.collectedGeneration + 1, collector.collectedGeneration + 2]
    if (uncollected.some(generation => generations.isBroken(generation))) return false
    return grossOf(clicksInRing(memory)) === 0
  }

  get #earlier(): ReadonlyMap<string, number> {
    const { journal, backlog } = this.#options
    const earlier = new Map<string, number>()
    // Who adopts clicks makes a new mark for them. They may be of any age.
    for (const { writer, isAdopted } of backlog.earlierFiles)
      earlier.set(writer, isAdopted ? 0 : journal.startedAtMs(writer))
    return earlier
  }
}
