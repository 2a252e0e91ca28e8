import type { MessagePort } from 'node:worker_threads'
import type { RefreshCause } from '../base/refresh-cause.ts'
import type { FromRequestThread } from '../messages.ts'

/** Has main read keys or banners again, and tells who asked when that is over. */
export class Refreshes {
  readonly #port: Pick<MessagePort, 'postMessage'>
  readonly #open = new Map<number, () => void>()
  #lastId = 0

  constructor(port: Pick<MessagePort, 'postMessage'>) {
    this.#port = port
  }

  /** Resolves when main says so. */
  ask(what: 'keys' | 'banners', cause: RefreshCause): Promise<void> {
    const refreshId = ++this.#lastId
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#open.set(refreshId, resolve)
    this.#port.postMessage({ kind: 'refresh', refreshId, what, cause } satisfies FromRequestThread)
    return promise
  }

  /** Main has said so. */
  over(refreshId: number): void {
    this.#open.get(refreshId)?.()
    this.#open.delete(refreshId)
  }
}
