import type { FlushStage } from '../messages.ts'

interface Ask {
  readonly generation: number
  readonly until: FlushStage
  readonly answer: PromiseWithResolvers<void>
}

/** What has become of a generation that somebody asked for: it is there, it never will be, or not yet. */
export type Answer = 'reached' | 'later' | Error

/** Those who wait until a generation has come so far. */
export class PendingAsks {
  readonly #asks = new Set<Ask>()

  get isEmpty(): boolean {
    return this.#asks.size === 0
  }

  /** Whether somebody waits for a generation after this one. */
  goBeyond(generation: number): boolean {
    return this.#asks.values().some(ask => ask.generation > generation)
  }

  get isStoringAwaited(): boolean {
    return this.#asks.values().some(({ until }) => until === 'stored')
  }

  /** Rejects with the signal's reason when it is given first, and waits no longer. */
  add(generation: number, until: FlushStage, signal?: AbortSignal): Promise<void> {
    const ask = { generation, until, answer: Promise.withResolvers<void>() }
    this.#asks.add(ask)
    signal?.addEventListener(
      'abort',
      () => {
        if (this.#asks.delete(ask)) ask.answer.reject(signal.reason)
      },
      { once: true },
    )
    return ask.answer.promise
  }

  /** Has `judge` look at each; who is to wait, waits on. */
  settle(judge: (generation: number, until: FlushStage) => Answer): void {
    for (const ask of this.#asks) {
      const judged = judge(ask.generation, ask.until)
      if (judged === 'later') continue
      this.#asks.delete(ask)
      if (judged === 'reached') ask.answer.resolve()
      else ask.answer.reject(judged)
    }
  }
}
