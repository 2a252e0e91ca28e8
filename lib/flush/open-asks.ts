import type { FlushStage } from '../messages.ts'

interface Ask {
  readonly generation: number
  readonly until: FlushStage
  readonly settled: PromiseWithResolvers<void>
}

/** What becomes of an ask: its generation has come so far, it has to wait, or it need not wait any longer. */
export type Verdict = 'reached' | 'wait' | Error

/** Asks that are not settled: each waits until its generation has come so far. */
export class OpenAsks {
  readonly #asks = new Set<Ask>()

  /** The newest generation that somebody asks for; 0: nobody asks. */
  get newestGeneration(): number {
    return this.#asks.values().reduce((newest, { generation }) => Math.max(newest, generation), 0)
  }

  get isStoringAwaited(): boolean {
    return this.#asks.values().some(({ until }) => until === 'stored')
  }

  /**
   * Resolves or rejects when the ask is settled. Withdraws it, and rejects with the
   * signal's reason, at the signal.
   */
  add(generation: number, until: FlushStage, signal?: AbortSignal): Promise<void> {
    const ask = { generation, until, settled: Promise.withResolvers<void>() }
    this.#asks.add(ask)
    signal?.addEventListener(
      'abort',
      () => {
        if (this.#asks.delete(ask)) ask.settled.reject(signal.reason)
      },
      { once: true },
    )
    return ask.settled.promise
  }

  /** Settles the asks that the judge does not let wait. */
  settle(judge: (generation: number, until: FlushStage) => Verdict): void {
    for (const ask of this.#asks) {
      const verdict = judge(ask.generation, ask.until)
      if (verdict === 'wait') continue
      this.#asks.delete(ask)
      if (verdict === 'reached') ask.settled.resolve()
      else ask.settled.reject(verdict)
    }
  }
}
