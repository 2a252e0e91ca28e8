import { expect } from 'chai'
import { collect } from '../../lib/flush-worker/collect.ts'
import type { BacklogItem } from '../../lib/journal/files/item.ts'
import type { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type {
  CollectResult,
  FlushFailure,
  FlushWorkerTasks,
  StoreResult,
  StoreTask,
} from '../../lib/messages.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import type { Batch } from '../../lib/rows/batch.ts'
import { grossOf, minus, NO_CLICKS } from '../../lib/rows/classes.ts'
import type { Rows } from '../../lib/rows/rows.ts'
import { validOnly } from '../support/balance.ts'
import { readingOf } from '../support/reading.ts'
import { ALL_STORED } from '../support/stored.ts'
import type { DatabaseModel } from './database-model.ts'

/** Where a worker may die over a task. The task beside it dies, too. */
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

/**
 * The flush worker between the real ring and a model of Postgres. It pauses before and after each of its steps until
 * `step` is called, so that everything else can happen in between.
 */
export class WorkerModel implements FlushWorkerTasks {
  /** Given what the worker has collected. Returns what it hands over. */
  handOver = (batch: Batch): Batch => batch
  /** Clicks of the next files that cannot be read any more. */
  damagedClicks = 0
  readonly taskCounts = { collecting: 0, storing: 0 }
  /** Of each try to store something, in order: whether it was urgent. */
  readonly urgencies: boolean[] = []
  /** Fates of the next tasks. */
  readonly fates: Fate[] = []
  /** What must not have happened. */
  readonly failures: unknown[] = []
  readonly #memory: SharedMemory
  readonly #ring: Ring
  readonly #database: DatabaseModel
  readonly #readJournaled: (generation: number) => Rows
  readonly #pauses = new Map<Task, PromiseWithResolvers<void>>()
  readonly #running = new Set<Task>()
  #death = Promise.withResolvers<never>()

  constructor(memory: SharedMemory, database: DatabaseModel, readJournaled: (generation: number) => Rows) {
    this.#memory = memory
    this.#ring = new Ring(memory)
    this.#database = database
    this.#readJournaled = readJournaled
  }

  get isIdle(): boolean {
    return this.#running.size === 0
  }

  /** The next step of one of the tasks. */
  step(task: Task): void {
    const pause = this.#pauses.get(task)
    this.#pauses.delete(task)
    pause?.resolve()
  }

  collect(collectedGeneration: number): Promise<CollectResult> {
    return this.#run('collecting', async fate => {
      await this.#pause('collecting')
      this.#dieAt('at once', fate)
      const generations = new MortalGenerations(this.#memory, point => this.#dieAt(point, fate))
      const readJournaled = this.#readJournaled
      const collected = await collect(
        this.#memory,
        this.#ring,
        generations,
        collectedGeneration,
        generation => readingOf(readJournaled(generation)),
      )
      await this.#pause('collecting')
      this.#dieAt('after rows', fate)
      return { ...collected, batch: this.handOver(collected.batch) }
    })
  }

  store({ item, isUrgent }: StoreTask): Promise<StoreResult> {
    if (item !== null) this.urgencies.push(isUrgent)
    return this.#run('storing', async fate => {
      await this.#pause('storing')
      this.#dieAt('at once', fate)
      const error = this.#commit(item, fate.storing)
      await this.#pause('storing')
      this.#dieAt('after store', fate)
      const ended = { weaknesses: null, durationMs: 1 }
      const mayBeStored = fate.storing === 'failed after COMMIT'
      if (error !== null) return { outcome: { kind: 'failed', error, mayBeStored }, ...ended }
      const lostClicks = item?.kind === 'files' ? validOnly(this.damagedClicks) : NO_CLICKS
      const clicks = grossOf(minus(item?.totals ?? NO_CLICKS, lostClicks))
      const stored = item === null ? null : { ...ALL_STORED, clicks, lostClicks }
      return { outcome: { kind: 'done', database: 'a', stored, ledger: 'level' }, ...ended }
    })
  }

  /** A worker that dies ends both of its tasks. */
  async #run<T>(task: Task, work: (fate: Fate) => Promise<T>): Promise<T> {
    try {
      this.taskCounts[task]++
      expect(this.#running, 'tasks at a time').not.to.include(task)
      this.#running.add(task)
      return await Promise.race([work(this.fates.shift() ?? GOOD_FATE), this.#death.promise])
    } catch (error) {
      if (!(error instanceof Death)) this.failures.push(error)
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

  #commit(item: BacklogItem | null, storing: Fate['storing']): FlushFailure | null {
    if (item?.kind === 'batch' && grossOf(item.totals) > 0) {
      this.#database.receive(item)
      if (storing === 'stored' || storing === 'failed after COMMIT') this.#database.commit(item)
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

  #pause(task: Task): Promise<void> {
    const pause = Promise.withResolvers<void>()
    this.#pauses.set(task, pause)
    return pause.promise
  }
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
