import { CONTROL, HALF_COUNT, type NUMBER, SERVICE_CLICKS } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { type ByClass, byClass, CLICK_CLASSES, minus, NO_CLICKS, plus } from '../rows/classes.ts'
import type { Settled } from '../rows/settled.ts'
import { clicksInHalf } from './balance.ts'

/** What main books, see balance.ts. */
export class ServiceBooks {
  readonly #memory: SharedMemory

  constructor(memory: SharedMemory) {
    this.#memory = memory
  }

  /**
   * To be called when a generation has left the ring and main holds its batch of `clicks`. Returns how many
   * more clicks the threads had booked into the generation: none, unless the ring has lost some, or the journal keyed
   * bulks. It must come before the next collect, which clears what was booked: later, the books would lack these clicks
   * for a while, and a loss would not show. `areBulksLost`: what is missing was in keyed bulks that the journal has lost.
   */
  collected(generation: number, clicks: ByClass<number>, areBulksLost = false): ByClass<number> {
    const booked = clicksInHalf(this.#memory, generation % HALF_COUNT)
    const lostClicks = byClass(of => Math.max(0, booked[of] - clicks[of]))
    this.#change(() => {
      Atomics.store(this.#memory.i32, CONTROL.collectedGeneration, generation)
      this.#add('backlog', clicks)
      // More clicks of a class than booked: a thread died within a tick, after it had counted and before it booked.
      // These clicks will be stored although nobody has acknowledged them, so accepted must include them for
      // the books to balance. More booked than clicks: a loss. When it is the ring's, it stays visible as an imbalance.
      this.#add('collected', plus(clicks, lostClicks))
      if (areBulksLost) this.#add('lost', lostClicks)
    })
    return lostClicks
  }

  /** Clicks of this process have waited no longer. `withoutMinutes` of those that are stored, gross, are in quarters or days alone. */
  settled({ stored, repeated, conflicts, lost }: Settled, withoutMinutes = 0): void {
    this.#change(() => {
      this.#add('backlog', minus(NO_CLICKS, plus(plus(stored, lost), plus(repeated, conflicts))))
      this.#add('stored', stored)
      this.#add('repeated', repeated)
      this.#add('lost', lost)
      this.#add('collected', minus(NO_CLICKS, conflicts))
      this.#add('conflicts', conflicts)
      this.#memory.f64[this.#memory.numberIndex('withoutMinutesClicks')]! += withoutMinutes
    })
  }

  /** Postgres has gone back: what had become `again` waits again, and `lostClicks` that were stored are lost. */
  wentBack({ stored, repeated, conflicts }: Settled, lostClicks: ByClass<number>): void {
    this.#change(() => {
      this.#add('backlog', plus(stored, plus(repeated, conflicts)))
      this.#add('stored', minus(NO_CLICKS, plus(stored, lostClicks)))
      this.#add('repeated', minus(NO_CLICKS, repeated))
      this.#add('lost', lostClicks)
      this.#add('collected', conflicts)
      this.#add('conflicts', minus(NO_CLICKS, conflicts))
    })
  }

  setBacklogIsFull(isFull: boolean): void {
    Atomics.store(this.#memory.i32, CONTROL.backlogIsFull, isFull ? 1 : 0)
  }

  set(name: keyof typeof NUMBER, value: number): void {
    this.#memory.f64[this.#memory.numberIndex(name)] = value
  }

  #add(name: keyof typeof SERVICE_CLICKS, by: ByClass<number>): void {
    for (const clickClass of CLICK_CLASSES)
      this.#memory.f64[this.#memory.numberIndex(SERVICE_CLICKS[name][clickClass])]! += by[clickClass]
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
