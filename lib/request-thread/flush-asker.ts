import type { MessagePort } from 'node:worker_threads'
import { DatabaseUnavailableError } from '../base/errors.ts'
import type { FlushStage, FromRequestThread } from '../messages.ts'

/** A request thread's way to have main flush: one message each way, questions told apart by a number. */
export class FlushAsker {
  readonly #port: Pick<MessagePort, 'postMessage'>
  readonly #pending = new Map<number, PromiseWithResolvers<void>>()
  #lastAskId = 0

  constructor(port: Pick<MessagePort, 'postMessage'>) {
    this.#port = port
  }

  /** Rejects with the signal's reason when it is given first. */
  ask(generation: number, until: FlushStage, signal?: AbortSignal): Promise<void> {
    const askId = ++this.#lastAskId
    const pending = Promise.withResolvers<void>()
    this.#pending.set(askId, pending)
    this.#port.postMessage({ kind: 'flush', askId, generation, until } satisfies FromRequestThread)
    signal?.addEventListener('abort', () => this.#forget(askId, signal.reason), { once: true })
    return pending.promise
  }

  /** Nobody waits for it any more: neither side keeps it. */
  #forget(askId: number, reason: unknown): void {
    const pending = this.#pending.get(askId)
    if (pending === undefined) return
    this.#pending.delete(askId)
    this.#port.postMessage({ kind: 'forget', askId } satisfies FromRequestThread)
    pending.reject(reason)
  }

  /** Main's answer to a question. */
  answered(askId: number, error: string | null): void {
    const pending = this.#pending.get(askId)
    this.#pending.delete(askId)
    if (error === null) pending?.resolve()
    else pending?.reject(new DatabaseUnavailableError(error))
  }
}
