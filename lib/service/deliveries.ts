import type { Worker } from 'node:worker_threads'
import type { Publication } from '../messages.ts'

/** The publications that one thread was sent and has not confirmed. */
export class Deliveries {
  readonly #worker: Worker
  /** Oldest first: a thread confirms them in the order in which they were sent. */
  readonly #unconfirmed: (() => void)[] = []

  constructor(worker: Worker) {
    this.#worker = worker
  }

  /** Resolves when the thread goes by the publication, or has ended. */
  send(publication: Publication): Promise<void> {
    this.#worker.postMessage(publication)
    return new Promise(resolve => this.#unconfirmed.push(resolve))
  }

  taken(): void {
    this.#unconfirmed.shift()?.()
  }

  /** The thread has ended. */
  end(): void {
    for (const resolve of this.#unconfirmed.splice(0)) resolve()
  }
}
