import { CONTROL, HALF_COUNT } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

const LAST_GENERATION = 2 ** 31 - 1

/**
 * Generations: which half of the ring a click goes to, and when that half belongs to the flush worker alone.
 *
 * A request thread is *in* a generation while it may still touch that generation's half. The flush worker
 * *flips* to the next one and then waits until the old one is *quiet*: no thread is in it any more. All
 * accesses are seq-cst Atomics, which the two proofs below rest on.
 */
export class Generations {
  readonly #memory: SharedMemory

  constructor(memory: SharedMemory) {
    this.#memory = memory
  }

  get current(): number {
    return Atomics.load(this.#memory.i32, CONTROL.generation)
  }

  /**
   * Puts a thread into the current generation and returns it.
   *
   * Publish first, then look again: if the flip came between the load and the store, the flush worker may
   * have looked at the presence before it was published and taken the generation for quiet. With the second
   * load after the store, either the worker sees the presence or this thread sees the flip.
   */
  enter(threadIndex: number): number {
    const { i32 } = this.#memory
    const presence = this.#memory.presenceIndex(threadIndex)
    let generation = Atomics.load(i32, CONTROL.generation)
    Atomics.store(i32, presence, generation)
    for (;;) {
      const now = Atomics.load(i32, CONTROL.generation)
      if (now === generation) return generation
      generation = now
      Atomics.store(i32, presence, generation)
      // The worker may wait for the presence that was stale. Only after it is gone: woken before, the worker
      // would see it again and go on waiting, and nothing would wake it a second time.
      Atomics.notify(i32, presence)
    }
  }

  /**
   * Takes a thread out of the generation it is in.
   *
   * Leave first, then look whether a flip came meanwhile: only then can anyone be waiting, and the notify
   * (a system call) is saved on every other tick. Either the worker, who flips before it looks at the
   * presence, sees the thread gone, or this load sees the flip.
   */
  leave(threadIndex: number, generation: number): void {
    const { i32 } = this.#memory
    const presence = this.#memory.presenceIndex(threadIndex)
    Atomics.store(i32, presence, 0)
    if (Atomics.load(i32, CONTROL.generation) !== generation) Atomics.notify(i32, presence)
  }

  /**
   * Takes a thread that has died out of whatever generation it was in, which is *broken* from then on: the thread may
   * have added some pairs of a bulk and not the others. Called by main alone, once the thread has ended and
   * before another one gets its index.
   *
   * Whoever finds a generation quiet finds it broken if it is. A thread that touches its half is in it, by its
   * presence, so the generation is not quiet before this store of 0, which follows the mark; and a thread that
   * died before the flip is marked before it, or is waited for like any other. The mark is never taken back, so
   * a flush worker that takes over from a dead one sees it, too.
   *
   * A half has one mark: the generation two further on is flipped to when this one has been taken out, and numbers
   * only grow. But a presence may be an old number that a thread published and died over before it looked again,
   * see `enter`: it had added nothing then, and must not hide the mark of a newer one.
   */
  release(threadIndex: number): void {
    const { i32 } = this.#memory
    const presence = this.#memory.presenceIndex(threadIndex)
    const generation = Atomics.load(i32, presence)
    const mark = this.#memory.brokenGenerationIndex(generation % HALF_COUNT)
    if (generation > Atomics.load(i32, mark)) Atomics.store(i32, mark, generation)
    Atomics.store(i32, presence, 0)
    Atomics.notify(i32, presence)
  }

  /** Whether a thread died in a generation that is quiet: what its half holds is not to be trusted. */
  isBroken(generation: number): boolean {
    const mark = this.#memory.brokenGenerationIndex(generation % HALF_COUNT)
    return Atomics.load(this.#memory.i32, mark) === generation
  }

  /**
   * Starts the generation after `from`. Throws when somebody else has flipped: there must be one flusher only.
   * Throws too when the word's range is used up, which a thousand flips a second take 24 days for: a number
   * that wrapped would address other memory than the ring.
   */
  flip(from: number): void {
    if (from === LAST_GENERATION)
      throw new Error(`generation ${from} is the last of this process; start it again`)
    const before = Atomics.compareExchange(this.#memory.i32, CONTROL.generation, from, from + 1)
    if (before !== from) throw new Error(`two flushes at once: expected generation ${from}, found ${before}`)
  }

  /** Resolves when no thread is in `generation`, which must not be the current one. Does not block the thread. */
  async quiet(generation: number): Promise<void> {
    for (let threadIndex = 0; threadIndex < this.#memory.threadCount; threadIndex++) {
      const presence = this.#memory.presenceIndex(threadIndex)
      while (Atomics.load(this.#memory.i32, presence) === generation) {
        await Atomics.waitAsync(this.#memory.i32, presence, generation).value
      }
    }
  }
}
