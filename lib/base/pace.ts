import { setImmediate as nextTurn } from 'node:timers/promises'

/** Much less than what others notice who wait for this thread. */
const SLICE_MS = 3
/** Looking at the clock costs as much as a step. */
const STEPS_PER_LOOK = 128

/** Cuts long work of a thread into slices, so that others have their turns in between. */
export class Pace {
  #steps = 0
  #endMs = performance.now() + SLICE_MS

  /** To be asked after each step, of some microseconds at most. true: `rest` comes before the next step. */
  get isDue(): boolean {
    return ++this.#steps % STEPS_PER_LOOK === 0 && performance.now() >= this.#endMs
  }

  /** Lets others have their turn. */
  async rest(): Promise<void> {
    await nextTurn()
    this.#endMs = performance.now() + SLICE_MS
  }
}
