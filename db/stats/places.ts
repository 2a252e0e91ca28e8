import { Rotation } from '../../lib/base/rotation.ts'
import { Shares } from '../../lib/base/shares.ts'

/** Who asks a question, and until when. */
export interface Asker {
  /** What clients are told apart by. */
  readonly client: string
  readonly signal: AbortSignal
}

/**
 * A fixed number of places, of which each client gets its share. Those who find none wait, and have turns by client.
 */
export class Places {
  readonly #shares: Shares
  readonly #waiting = new Rotation<() => void>()

  constructor(count: number) {
    this.#shares = new Shares(count)
  }

  /** Rejects with the signal's reason when the signal comes before a place. */
  async take({ client, signal }: Asker): Promise<void> {
    signal.throwIfAborted()
    if (this.#shares.take(client)) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      if (this.#waiting.delete(client, resolve)) reject(signal.reason)
    }
    this.#waiting.add(client, resolve)
    signal.addEventListener('abort', leave, { once: true })
    await promise.finally(() => signal.removeEventListener('abort', leave))
  }

  /** To be called once for each place that was taken. */
  giveBack(client: string): void {
    this.#shares.giveBack(client)
    // More than one may come in: a place that is free raises the shares of all.
    for (;;) {
      const letIn = this.#waiting.next(waiting => this.#shares.take(waiting))
      if (letIn === null) return
      letIn()
    }
  }
}
