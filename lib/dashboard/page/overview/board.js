/** @import { Clock } from '../clock.js' */
/** @import { Answers, Known, QuestionName } from './types.d.ts' */
import { make, writeText } from '../dom.js'
import { makeCards } from './cards.js'

/** All cards: what is known of each, as of when, and what is wrong. */
export class Board {
  element
  #asOf = make('p', { class: 'fine' })
  #cards
  #clock

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock
    this.#cards = makeCards(clock)
    const elements = this.#cards.map(({ card }) => card.element)
    this.element = make('div', {}, make('div', { class: 'board' }, ...elements), this.#asOf)
  }

  /**
   * @param {ReadonlyMap<QuestionName, Known>} known
   * @param {(name: QuestionName) => string} problemOf what is wrong with a question; '' when nothing is
   * @param {string} whyDays why some are of days of UTC; '': none is
   */
  show(known, problemOf, whyDays) {
    const answers = /** @type {Answers} */ (
      Object.fromEntries(Array.from(known, ([name, { answer }]) => [name, answer]))
    )
    const times = []
    for (const { card, needs, show } of this.#cards) {
      const found = needs.flatMap(name => known.get(name) ?? [])
      const isKnown = found.length === needs.length
      const atMs = Math.min(...found.map(({ atMs }) => atMs))
      const [first] = found
      if (isKnown && first !== undefined) {
        show(answers, atMs, first.span)
        card.date(first.span, atMs)
      }
      const problem = needs.map(problemOf).find(words => words !== '') ?? ''
      const isOld = isKnown && problem !== ''
      card.complain(isOld ? `${problem} These figures are as of ${this.#clock.minuteOfDay(atMs)}.` : problem)
      if (isKnown && !isOld) times.push(atMs)
    }
    this.#sayWhen(times, whyDays)
  }

  /** What is shown belongs to another zone. */
  clear() {
    for (const { card } of this.#cards) card.clear()
  }

  /** The oldest time is said: no figure is older. @param {readonly number[]} times of the cards @param {string} whyDays */
  #sayWhen(times, whyDays) {
    const asOf = times.length === 0 ? '' : `As of ${this.#clock.minuteOfDay(Math.min(...times))}. `
    const words =
      `${asOf}Days begin at midnight, ${this.#clock.timeZone}. Today is not finished: the broken lines lead to it. ` +
      'The last 7 and 30 days end with the last full hour.'
    const why = whyDays === '' ? '' : ` Some are of whole days of UTC. The service says why: ${whyDays}.`
    writeText(this.#asOf, words + why)
  }
}
