import type { Destination } from '../../banners/destination.ts'
import { type Answer, compacted } from '../listener/answer.ts'
import { redirectTo } from './click-answers.ts'
import type { ClickRule, Fate, Ruling } from './ruling.ts'

/** Leads clicks to their destination. */
export class Redirect implements ClickRule {
  readonly #destination: Destination
  readonly #fate: Fate
  /** On each click that leads where all without a query lead. null: there was none yet. */
  #usual: Ruling | null = null

  constructor(destination: Destination, fate: Fate) {
    this.#destination = destination
    this.#fate = fate
  }

  rulingOn(query: string, _wantsPage: boolean, now: () => number): Ruling {
    if (!this.#destination.isFixedFor(query)) return { fate: this.#fate, answer: this.#answer(query, now) }
    return (this.#usual ??= { fate: this.#fate, answer: compacted(this.#answer('', now)) })
  }

  #answer(query: string, now: () => number): Answer {
    return redirectTo(this.#destination.urlFor(query, now()))
  }
}
