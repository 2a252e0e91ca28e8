import type { Destination } from '../../banners/destination.ts'
import type { Answer } from '../listener/answer.ts'
import { redirectTo } from './click-answers.ts'
import type { ClickRule, Fate, Ruling } from './ruling.ts'

/** Leads clicks to their destination. It is itself the ruling on all clicks that lead where one without a query does. */
export class Redirect implements ClickRule, Ruling {
  readonly fate: Fate
  readonly answer: Answer
  readonly #destination: Destination
  readonly #isSameForAll: boolean
  readonly #isSameWithoutQuery: boolean

  /** `nowMs`: since the epoch. */
  constructor(destination: Destination, fate: Fate, nowMs: number) {
    this.fate = fate
    this.answer = redirectTo(destination.urlFor('', nowMs))
    this.#destination = destination
    this.#isSameWithoutQuery = !destination.hasMacros
    this.#isSameForAll = !destination.hasMacros && !destination.takesParameters
  }

  rulingOn(query: string, _wantsPage: boolean, now: () => number): Ruling {
    if (this.#isSameForAll || (query === '' && this.#isSameWithoutQuery)) return this
    return { fate: this.fate, answer: redirectTo(this.#destination.urlFor(query, now())) }
  }
}
