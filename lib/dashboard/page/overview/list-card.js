import { make } from '../dom.js'
import { Card } from './card.js'

/** What is in a column, by its name. @typedef {Readonly<Record<string, 'name' | 'curve' | 'number'>>} Columns */

/** A table that is written anew with each answer. */
export class ListCard {
  #body = make('tbody')
  #card
  #nothing = make('p', { class: 'line' })
  #table

  /**
   * @param {string} name
   * @param {string} title
   * @param {Columns} columns
   * @param {string} [hint]
   */
  constructor(name, title, columns, hint = '') {
    const heads = Object.entries(columns).map(([words, kind]) =>
      make('th', { scope: 'col', class: kind }, words),
    )
    this.#table = make('table', {}, make('thead', {}, make('tr', {}, ...heads)), this.#body)
    const above = hint === '' ? [] : [make('p', { class: 'hint' }, hint)]
    this.#card = new Card(name, [title], [...above, this.#table, this.#nothing])
    this.#table.setAttribute('aria-labelledby', `overview-${name}`)
    this.clear()
  }

  get element() {
    return this.#card.element
  }

  /** @param {string} message */
  complain(message) {
    this.#card.complain(message)
  }

  /** @param {readonly Node[][]} rows the cells of each */
  show(rows) {
    this.#write(rows, 'None.')
  }

  clear() {
    this.#write([], '–')
  }

  /** @param {readonly Node[][]} rows @param {string} nothing said when there is none */
  #write(rows, nothing) {
    const focused = this.#body.contains(document.activeElement) ? document.activeElement : null
    const address = focused?.getAttribute('href')
    this.#body.replaceChildren(...rows.map(cells => make('tr', {}, ...cells)))
    this.#table.hidden = rows.length === 0
    this.#nothing.textContent = rows.length === 0 ? nothing : ''
    // Whoever was at a link stays there.
    if (address)
      for (const link of this.#body.querySelectorAll('a'))
        if (link.getAttribute('href') === address) link.focus()
  }
}

/** @param {readonly (Node | string)[]} content */
export function nameCell(...content) {
  return make('th', { scope: 'row', class: 'name' }, ...content)
}

/** @param {readonly (Node | string)[]} content */
export function numberCell(...content) {
  return make('td', { class: 'number' }, ...content)
}
