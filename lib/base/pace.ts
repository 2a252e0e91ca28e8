import { setImmediate as nextTurn } from 'node:timers/promises'

/** Much less than what others notice who wait for this thread. */
const SLICE_MS = 3
/** Looking at the clock costs as much as a step. */
const STEPS_PER_LOOK = 128

/** Cuts long work of a thread into slices, so that others have their turns in between. */
export class Pace {
  readonly #now: () => number
  #steps = 0
  #endMs: number

  /** `now`: in milliseconds, of a clock that goes on evenly. */
  constructor(now = () => performance.now()) {
    this.#now = now
    this.#endMs = now() + SLICE_MS
  }

  /** To be asked after each step, of some microseconds at most. true: `rest` comes before the next step. */
  get isDue(): boolean {
    return ++this.#steps % STEPS_PER_LOOK === 0 && this.#now() >= this.#endMs
  }

  /** Lets others have their turn. */
  async rest(): Promise<void> {
    await nextTurn()
    this.#endMs = this.#now() + SLICE_MS
  }
}
