import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import type { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { FULL, Ring } from '../../lib/ring/ring.ts'
import { byClass, type ClickClass, VALID } from '../../lib/rows/classes.ts'
import type { Rows } from '../../lib/rows/rows.ts'
import { ClickCounts } from './click-counts.ts'

const MINUTE = 28_000_000

/** Request threads that the test moves: they count into the real ring, and into a journal that is a model. */
export class ThreadsModel {
  readonly acknowledged = new ClickCounts()
  readonly #ring: Ring
  readonly #generations: Generations
  readonly #books: ThreadBooks[]
  readonly #ticks: (Tick | null)[]
  /** By generation. */
  readonly #journaled = new Map<number, ClickCounts>()
  /** In the journal when their thread died. They may be counted or not: nobody was told. */
  readonly #orphaned = new ClickCounts()

  constructor(memory: SharedMemory) {
    this.#ring = new Ring(memory)
    this.#generations = new Generations(memory)
    this.#ticks = Array.from({ length: memory.threadCount }, () => null)
    this.#books = this.#ticks.map((_, threadIndex) => new ThreadBooks(memory, threadIndex, Date.now))
  }

  /** A thread counts a click; its tick goes on until `leave` or `die`. */
  add(
    threadIndex: number,
    bannerId: number,
    minuteOffset: number,
    clicks: number,
    clickClass: ClickClass = VALID,
  ): void {
    const tick = (this.#ticks[threadIndex] ??= {
      generation: this.#generations.enter(threadIndex),
      clicks: new ClickCounts(),
    })
    const minute = MINUTE + minuteOffset
    if (this.#ring.add(tick.generation % HALF_COUNT, minute, bannerId, clickClass, clicks) === FULL) return
    tick.clicks.add(bannerId, minute, clickClass, clicks)
  }

  leave(threadIndex: number): void {
    const tick = this.#takeTick(threadIndex)
    if (tick === null) return
    this.#journal(tick)
    this.#books[threadIndex]!.accept(tick.generation % HALF_COUNT, tick.clicks.totals)
    this.#generations.leave(threadIndex, tick.generation)
    this.acknowledged.addAll(tick.clicks)
  }

  /**
   * The thread dies within its tick, and another one takes its place: before it has journaled the tick, or when it has
   * booked so many classes of it.
   */
  die(threadIndex: number, bookedClasses: number | 'not journaled'): void {
    const tick = this.#takeTick(threadIndex)
    if (tick === null) return
    if (bookedClasses !== 'not journaled') {
      this.#journal(tick)
      const booked = byClass(of => (of < bookedClasses ? tick.clicks.totals[of] : 0))
      this.#books[threadIndex]!.accept(tick.generation % HALF_COUNT, booked)
      this.#orphaned.addAll(tick.clicks)
    }
    this.#generations.release(threadIndex)
  }

  readJournaled(generation: number): Rows {
    return (this.#journaled.get(generation) ?? new ClickCounts()).rows()
  }

  /** All that may be counted. */
  get known(): ClickCounts {
    const known = ClickCounts.of(this.acknowledged)
    known.addAll(this.#orphaned)
    for (const tick of this.#ticks) if (tick !== null) known.addAll(tick.clicks)
    return known
  }

  #takeTick(threadIndex: number): Tick | null {
    const tick = this.#ticks[threadIndex] ?? null
    this.#ticks[threadIndex] = null
    return tick
  }

  #journal({ generation, clicks }: Tick): void {
    const journaled = this.#journaled.get(generation) ?? new ClickCounts()
    this.#journaled.set(generation, journaled)
    journaled.addAll(clicks)
  }
}

interface Tick {
  readonly generation: number
  readonly clicks: ClickCounts
}
