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
  #asks: Ask[] = []

  get isEmpty(): boolean {
    return this.#asks.length === 0
  }

  /** Whether somebody waits for a generation after this one. */
  goBeyond(generation: number): boolean {
    return this.#asks.some(ask => ask.generation > generation)
  }

  get isStoringAwaited(): boolean {
    return this.#asks.some(({ until }) => until === 'stored')
  }

  add(generation: number, until: FlushStage): Promise<void> {
    const answer = Promise.withResolvers<void>()
    this.#asks.push({ generation, until, answer })
    return answer.promise
  }

  /** Has `judge` look at each; who is to wait, waits on. */
  settle(judge: (generation: number, until: FlushStage) => Answer): void {
    this.#asks = this.#asks.filter(({ generation, until, answer }) => {
      const judged = judge(generation, until)
      if (judged === 'later') return true
      if (judged === 'reached') answer.resolve()
      else answer.reject(judged)
      return false
    })
  }
}
