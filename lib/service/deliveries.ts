import type { Worker } from 'node:worker_threads'
import type { AccessSnapshot } from '../access/snapshot.ts'
import type { ToRequestThread } from '../messages.ts'

/** The snapshots of keys that one thread was sent and has not confirmed. */
export class Deliveries {
  readonly #worker: Worker
  /** Oldest first: a thread confirms them in the order in which they were sent. */
  readonly #unconfirmed: (() => void)[] = []

  constructor(worker: Worker) {
    this.#worker = worker
  }

  /** Resolves when the thread lets in by the snapshot, or has ended. */
  send(snapshot: AccessSnapshot): Promise<void> {
    this.#worker.postMessage({ kind: 'access', snapshot } satisfies ToRequestThread)
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
