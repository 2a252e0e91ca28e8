import { CONTROL, HALF_COUNT, type NUMBER } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { clicksInHalf } from './balance.ts'

/** Main's half of the books, see balance.ts. */
export class ServiceBooks {
  readonly #memory: SharedMemory

  constructor(memory: SharedMemory) {
    this.#memory = memory
  }

  /**
   * A generation has left the ring and is in main's hands. `clicks` is what its slots held. Returns how many
   * clicks more the threads had booked into it: 0, unless the ring has lost some.
   */
  collected(generation: number, clicks: number): number {
    const booked = clicksInHalf(this.#memory, generation % HALF_COUNT)
    this.#change(() => {
      Atomics.store(this.#memory.i32, CONTROL.collectedGeneration, generation)
      this.#add('backlogClicks', clicks)
      // A thread that died within a tick has counted but not booked: those clicks will be stored, nobody
      // has acknowledged them, and accepted has to include them for the books to balance. The other way
      // round would be a loss: it is not smoothed over and stays visible as an imbalance.
      this.#add('collectedClicks', Math.max(booked, clicks))
    })
    return Math.max(0, booked - clicks)
  }

  /** Clicks have left the backlog, all but `lostClicks` of them into Postgres. */
  stored(clicks: number, lostClicks = 0): void {
    this.#change(() => {
      this.#add('backlogClicks', -clicks)
      this.#add('storedClicks', clicks - lostClicks)
      this.#add('lostClicks', lostClicks)
    })
  }

  /** Postgres does not have clicks any more that it had: these are in the backlog again, and those are lost. */
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

  /** Odd while the numbers change: a reader that saw it odd, or changed, reads again. */
  #change(change: () => void): void {
    Atomics.add(this.#memory.i32, CONTROL.booksVersion, 1)
    change()
    Atomics.add(this.#memory.i32, CONTROL.booksVersion, 1)
  }
}
