import { Rotation } from '../../base/rotation.ts'

/** A piece of work that takes so long is followed by a rest. */
const LONG_MS = 1
/**
 * How many times as long the rest is. Others on this core have to go on as well: main and the flush worker, which have
 * work for each bulk. A thread that never sleeps has to wait for them, and its clicks with it.
 */
const REST_TIMES = 3
/** The collector of garbage may take any time. */
const MAX_REST_MS = 60

/**
 * Lets one piece of work into each turn of the event loop, and behind one of some milliseconds none for three times as long
 * as it took. So a click waits for one of them at most, and long pieces have a quarter of the thread, however many have
 * come. The clients come one after the other: who brings many waits behind his own.
 */
export class Turns {
  readonly #waiting = new Rotation<() => void>()
  #isGoing = false
  #usedMs = 0

  /** Resolves when the client's next piece may be done. It must be done at once, without a wait. */
  next(client: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(client, resolve)
    if (!this.#isGoing) this.#goOn()
    return promise
  }

  readonly #goOn = () => {
    this.#isGoing = true
    // In this order, and with nothing in between but what the first one sets going: all of the piece.
    setImmediate(this.#letIn)
    setImmediate(this.#lookBack)
  }

  readonly #letIn = () => {
    this.#usedMs = usedMs()
    this.#waiting.next()!()
  }

  readonly #lookBack = () => {
    const tookMs = usedMs() - this.#usedMs
    this.#isGoing = !this.#waiting.isEmpty
    if (!this.#isGoing) return
    if (tookMs < LONG_MS) this.#goOn()
    else setTimeout(this.#goOn, Math.min(REST_TIMES * tookMs, MAX_REST_MS))
  }
}

/** Of the processor, by this thread: what others take is no reason for a rest. */
function usedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
