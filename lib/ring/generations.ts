import { CONTROL, HALF_COUNT } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

const LAST_GENERATION = 2 ** 31 - 1

/**
 * A click is in the generation that was current at its arrival or, when it waits for room, in one that it is added to
 * within this time. Who says through which instant clicks are stored relies on it.
 */
export const LATEST_ADD_MS = 1000

/**
 * The generations: which half of the ring a click goes to, and when that half belongs to the flush worker
 * alone.
 *
 * A request thread is *in* a generation while it may still touch that generation's half. The flush worker
 * *flips* to the next one and then waits until the old one is *quiet*: no thread is in it any more. All
 * accesses are seq-cst Atomics; the proofs below rest on that.
 *
 * Request threads call `enter` and `leave`, the flush worker `flip`, `quiet` and `isBroken`, main `release`.
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
   * The thread publishes its presence first, then it loads the generation again. If the flip came between the
   * first load and the store, the flush worker may have looked at the presence before it was published, and
   * have taken the generation for quiet. With a load after the store, either the worker sees the presence or
   * this thread sees the flip. The other way round, the thread could add to a half that is being read, and
   * those clicks would be in nobody's rows.
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
      // The worker may wait for the presence that this store has replaced. Notified before the store, it
      // would see that presence again and go on waiting, and nothing would wake it a second time.
      Atomics.notify(i32, presence)
    }
  }

  /**
   * Takes a thread out of the generation that it is in.
   *
   * The thread leaves first, then it looks whether a flip came meanwhile. Only after a flip can anyone be
   * waiting, so all other ticks save the notify, a system call. The worker flips before it looks at the
   * presence. So either it sees the thread gone, or this load sees the flip. The other way round, a flip
   * between the two would be seen by neither, and the worker would wait for ever.
   */
  leave(threadIndex: number, generation: number): void {
    const { i32 } = this.#memory
    const presence = this.#memory.presenceIndex(threadIndex)
    Atomics.store(i32, presence, 0)
    if (Atomics.load(i32, CONTROL.generation) !== generation) Atomics.notify(i32, presence)
  }

  /**
   * Takes a thread that has died out of the generation that it was in. That generation is *broken* from then
   * on: the thread may have added some pairs of a bulk and not the others. Only main calls this, after the
   * thread has ended and before another one gets its index. Earlier, the thread could still add; later, the
   * new thread would be taken out.
   *
   * The mark is stored before the presence is set to 0. So a flush worker that finds the generation quiet
   * finds it broken, too: a thread that has touched the half is in the generation, and the worker waits for
   * this store of 0. The other way round, the worker could take half a bulk out of the ring. The mark is
   * never taken back, so a flush worker that takes over from a dead one sees it as well.
   *
   * One mark for each half is enough: the next generation of a half starts only when this one has been taken
   * out. A presence may be an old number, though, when a thread died between its store and its second load,
   * see `enter`. That thread had added nothing, and its old number must not replace the mark of a newer
   * generation.
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

  /** Whether a thread died in this generation, which must be quiet. Then its half is not to be trusted. */
  isBroken(generation: number): boolean {
    const mark = this.#memory.brokenGenerationIndex(generation % HALF_COUNT)
    return Atomics.load(this.#memory.i32, mark) === generation
  }

  /**
   * Starts the generation after `from`. Throws when somebody else has flipped, because there must be one
   * flush worker only. Throws, too, when the numbers are used up, after 24 days of a thousand flips a second:
   * a number that wrapped would address other memory than the ring.
   */
  flip(from: number): void {
    if (from === LAST_GENERATION)
      throw new Error(`generation ${from} is the last of this process; start it again`)
    const before = Atomics.compareExchange(this.#memory.i32, CONTROL.generation, from, from + 1)
    if (before !== from) throw new Error(`two flushes at once: expected generation ${from}, found ${before}`)
  }

  /** Resolves when no thread is in `generation`, which must not be current. Does not block the thread. */
  async quiet(generation: number): Promise<void> {
    for (let threadIndex = 0; threadIndex < this.#memory.threadCount; threadIndex++) {
      const presence = this.#memory.presenceIndex(threadIndex)
      while (Atomics.load(this.#memory.i32, presence) === generation) {
        await Atomics.waitAsync(this.#memory.i32, presence, generation).value
      }
    }
  }
}
