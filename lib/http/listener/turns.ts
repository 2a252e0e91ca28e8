import { Rotation } from '../../base/rotation.ts'

/** A piece of work that takes so long is followed by a rest. */
const LONG_MS = 2
/** The collector of garbage may take any time. */
const MAX_REST_MS = 20

/**
 * Lets one piece of work into each turn of the event loop, and behind one of some milliseconds none for as long as it took.
 * So a click waits for one of them at most, and clicks have half of the thread, however many pieces have come. The clients
 * come one after the other: who brings many waits behind his own.
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
    else setTimeout(this.#goOn, Math.min(tookMs, MAX_REST_MS))
  }
}

/** Of the processor, by this thread: what others take is no reason for a rest. */
function usedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
