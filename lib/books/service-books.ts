import { CONTROL, HALF_COUNT, type NUMBER } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { grossOf } from '../rows/classes.ts'
import { clicksInHalf } from './balance.ts'

/** What main books, see balance.ts. Clicks are gross. */
export class ServiceBooks {
  readonly #memory: SharedMemory

  constructor(memory: SharedMemory) {
    this.#memory = memory
  }

  /**
   * To be called when a generation has left the ring and main holds its batch of `clicks`. Returns how many
   * more clicks the threads had booked into the generation: 0, unless the ring has lost some. It must come
   * before the next collect, which clears what was booked: later, the books would lack these clicks for a
   * while, and a loss of the ring would not show.
   */
  collected(generation: number, clicks: number): number {
    const booked = grossOf(clicksInHalf(this.#memory, generation % HALF_COUNT))
    this.#change(() => {
      Atomics.store(this.#memory.i32, CONTROL.collectedGeneration, generation)
      this.#add('backlogClicks', clicks)
      // More clicks than booked: a thread died within a tick, after it had counted and before it booked.
      // These clicks will be stored although nobody has acknowledged them, so accepted must include them for
      // the books to balance. More booked than clicks: a loss, which stays visible as an imbalance.
      this.#add('collectedClicks', Math.max(booked, clicks))
    })
    return Math.max(0, booked - clicks)
  }

  /**
   * `clicks` have left the backlog. All but `lostClicks` of them are in Postgres, `withoutMinutes` of these in quarters
   * or days alone.
   */
  stored(clicks: number, lostClicks = 0, withoutMinutes = 0): void {
    this.#change(() => {
      this.#add('backlogClicks', -clicks)
      this.#add('storedClicks', clicks - lostClicks)
      this.#add('lostClicks', lostClicks)
      this.#add('withoutMinutesClicks', withoutMinutes)
    })
  }

  /** Postgres has gone back: `againClicks` are in the backlog again, and `lostClicks` others are lost. */
  wentBack(againClicks: number, lostClicks: number): void {
    this.#change(() => {
      this.#add('storedClicks', -againClicks - lostClicks)
      this.#add('backlogClicks', againClicks)
      this.#add('lostClicks', lostClicks)
    })
  }

  setBacklogIsFull(isFull: boolean): void {
    Atomics.store(this.#memory.i32, CONTROL.backlogIsFull, isFull ? 1 : 0)
  }

  set(name: keyof typeof NUMBER, value: number): void {
    this.#memory.f64[this.#memory.numberIndex(name)] = value
  }

  #add(name: keyof typeof NUMBER, by: number): void {
    this.#memory.f64[this.#memory.numberIndex(name)]! += by
  }

  /**
   * The version is odd while the numbers change. A reader that finds it odd, or changed, reads again. If the
   * first add were missing, or the second one came before the change, the reader could take numbers that do
   * not belong together.
   */
  #change(change: () => void): void {
    Atomics.add(this.#memory.i32, CONTROL.booksVersion, 1)
    change()
    Atomics.add(this.#memory.i32, CONTROL.booksVersion, 1)
  }
}
