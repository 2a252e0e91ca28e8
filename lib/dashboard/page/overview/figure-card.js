import { make, writeText } from '../dom.js'
import { count } from '../format.js'
import { Card } from './card.js'
import { changeOf } from './change.js'

/** Clicks of some days, beside those of the days before. */
export class FigureCard extends Card {
  #figure = make('p', { class: 'figure' }, '–')
  #change = make('p', { class: 'note' })
  #than

  /**
   * @param {string} name
   * @param {string} title
   * @param {string} than what it is compared with
   */
  constructor(name, title, than) {
    super(name, title)
    this.#than = than
    this.element.append(this.#figure, this.#change)
  }

  /** @param {number} now @param {number} before */
  show(now, before) {
    writeText(this.#figure, count(now))
    this.#change.replaceChildren(...changeWords(now, before, this.#than))
  }

  /** @override */
  clear() {
    super.clear()
    writeText(this.#figure, '–')
    this.#change.replaceChildren()
  }
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
