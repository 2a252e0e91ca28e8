import type { MessagePort } from 'node:worker_threads'
import { DatabaseUnavailableError, NotStoredError } from '../base/errors.ts'
import type { AskOutcome, FlushStage, FromRequestThread } from '../messages.ts'

/** Sends a request thread's asks to main, and tells the askers how main settles them. */
export class FlushAsker {
  readonly #port: Pick<MessagePort, 'postMessage'>
  readonly #open = new Map<number, PromiseWithResolvers<void>>()
  #lastAskId = 0

  constructor(port: Pick<MessagePort, 'postMessage'>) {
    this.#port = port
  }

  /**
   * Asks main to flush the generation. Resolves when it has come so far. Rejects with NotStoredError when Postgres does
   * not take it, with DatabaseUnavailableError when what is there must not be read either, and with the signal's reason
   * when the signal is given first.
   */
  ask(generation: number, until: FlushStage, signal?: AbortSignal): Promise<void> {
    const askId = ++this.#lastAskId
    const settled = Promise.withResolvers<void>()
    this.#open.set(askId, settled)
    this.#port.postMessage({ kind: 'ask', askId, generation, until } satisfies FromRequestThread)
    // After the ask is sent: main ignores a withdrawal that comes before its ask, and would then keep the ask.
    signal?.addEventListener('abort', () => this.#withdraw(askId, signal.reason), { once: true })
    return settled.promise
  }

  #withdraw(askId: number, reason: unknown): void {
    const settled = this.#open.get(askId)
    if (settled === undefined) return
    this.#open.delete(askId)
    this.#port.postMessage({ kind: 'withdraw', askId } satisfies FromRequestThread)
    settled.reject(reason)
  }

  /** To be called when main has settled an ask. The ask may have been withdrawn meanwhile. */
  settled(askId: number, outcome: AskOutcome): void {
    const settled = this.#open.get(askId)
    this.#open.delete(askId)
    if (outcome === 'reached') settled?.resolve()
    else settled?.reject(outcome === 'notStored' ? new NotStoredError() : new DatabaseUnavailableError())
  }
}
