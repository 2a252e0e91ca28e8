/** @import { Clock } from '../clock.js' */
/** @import { Shown } from './types.d.ts' */
import { make, writeText } from '../dom.js'
import { filteredWords } from '../filtered-words.js'
import { count } from '../format.js'
import { changeOf } from './entries.js'
import { changeWords, clicksWords } from './figure-words.js'
import { rangeWords } from './ranges.js'
import { stepWord } from './steps.js'

/** The sums of an answer, what they are of, and what the lines of the chart are. */
export class Summary {
  #total = make('span', { id: 'total' })
  #span = make('small', { id: 'span' })
  title = make('h3', { id: 'answer-title', tabindex: '-1' }, this.#total, ' ', this.#span)
  #filtered = make('p', { class: 'line' })
  #change = make('p', { class: 'change' })
  #legend = make('p', { class: 'line legend' })
  #clock
  element

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock
    this.element = make('div', {}, this.title, this.#change, this.#filtered, this.#legend)
  }

  /** @param {Shown} shown @param {boolean} isEmpty whether there is no chart */
  show(shown, isEmpty) {
    const { answer, entries } = shown
    writeText(this.#total, clicksWords(answer.total))
    const zone = this.#clock.zone === 'local' ? 'local time' : this.#clock.timeZone
    writeText(this.#span, `${rangeWords(shown, this.#clock)}, ${zone}, by ${stepWord(answer.step)}`)
    const filtered = filteredWords(answer)
    writeText(this.#filtered, filtered === '' ? '' : `Not among them: ${filtered}.`)
    this.#showChange(shown)
    this.#legend.hidden = isEmpty
    const isRunning = entries.some(({ state }) => state === 'running')
    this.#legend.replaceChildren(
      make('i', { class: 'key one' }, 'clicks'),
      ...(isRunning
        ? [' ', make('i', { class: 'key running' }, `the running ${stepWord(answer.step)}, not finished`)]
        : []),
      ...(answer.bots === 0 ? [] : [' ', make('i', { class: 'key bots' }, 'bots')]),
      ...(answer.duplicates === 0 ? [] : [' ', make('i', { class: 'key duplicates' }, 'duplicates')]),
      ...(answer.compared === undefined
        ? []
        : [' ', make('i', { class: 'key two' }, rangeWords(comparedRange(answer.compared), this.#clock))]),
    )
  }

  /** @param {Shown} shown */
  #showChange(shown) {
    const change = changeOf(shown)
    const { compared, step } = shown.answer
    if (change === null || compared === undefined) {
      this.#change.replaceChildren()
      return
    }
    const span = rangeWords(comparedRange(compared), this.#clock)
    const of = change.isWhole
      ? `, ${span}`
      : ` at this point of ${span}, without the running ${stepWord(step)}`
    this.#change.replaceChildren(
      make('b', {}, changeWords(change.clicks, change.before)),
      ` against ${count(change.before)}${of}`,
    )
  }
}

/** @param {{ from: string, to: string }} compared */
function comparedRange({ from, to }) {
  return { fromMs: Date.parse(from), toMs: Date.parse(to) }
}
