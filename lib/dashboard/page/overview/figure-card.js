/** @import { Sums } from './types.d.ts' */
import { make, writeText } from '../dom.js'
import { filteredWords } from '../filtered-words.js'
import { count } from '../format.js'
import { Card } from './card.js'
import { changeOf } from './change.js'

/** Clicks of some days, beside those of the days before. */
export class FigureCard extends Card {
  #figure = make('p', { class: 'figure' }, '–')
  #change = make('p', { class: 'note' })
  #filtered = make('p', { class: 'note' })
  #than

  /**
   * @param {string} name
   * @param {string} title
   * @param {string} than what it is compared with
   */
  constructor(name, title, than) {
    super(name, title)
    this.#than = than
    this.element.append(this.#figure, this.#change, this.#filtered)
  }

  /** @param {Sums} sums @param {number} before */
  show(sums, before) {
    writeText(this.#figure, count(sums.total))
    writeText(this.#filtered, filteredNote(sums))
    this.#change.replaceChildren(...changeWords(sums.total, before, this.#than))
  }

  /** @override */
  clear() {
    super.clear()
    writeText(this.#figure, '–')
    writeText(this.#filtered, '')
    this.#change.replaceChildren()
  }
}

/** A sentence about what was counted and is not in a figure; '' when there is nothing. @param {Omit<Sums, 'total'>} sums */
export function filteredNote(sums) {
  const words = filteredWords(sums)
  return words === '' ? '' : `Not among them: ${words}.`
}

/**
 * A sentence about a change.
 * @param {number} now
 * @param {number} before
 * @param {string} than what it is compared with
 */
export function changeWords(now, before, than) {
  if (before === 0) return [`${than}: no click`]
  return [changeMark(now, before), ` on ${than}: ${count(before)}`]
}

/** How a figure has changed. @param {number} now @param {number} before */
export function changeMark(now, before) {
  const { way, words } = changeOf(now, before)
  return make('span', { class: `change ${way}` }, words)
}
