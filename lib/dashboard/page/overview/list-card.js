import { make } from '../dom.js'
import { Card } from './card.js'

/** What is in a column, by its name. @typedef {Readonly<Record<string, 'name' | 'curve' | 'number'>>} Columns */

/** A table that is written anew with each answer. */
export class ListCard extends Card {
  #body = make('tbody')
  #nothing = make('p', { class: 'line' })
  #table

  /**
   * @param {string} name
   * @param {string} title
   * @param {Columns} columns
   * @param {string} [hint]
   */
  constructor(name, title, columns, hint) {
    super(name, title)
    const heads = Object.entries(columns).map(([words, kind]) =>
      make('th', { scope: 'col', class: kind }, words),
    )
    const head = make('thead', {}, make('tr', {}, ...heads))
    this.#table = make('table', { 'aria-labelledby': `overview-${name}` }, head, this.#body)
    if (hint !== undefined) this.element.append(make('p', { class: 'hint' }, hint))
    this.element.append(this.#table, this.#nothing)
    this.clear()
  }

  /** @param {readonly Node[][]} rows the cells of each @param {string} [nothing] said when there is none */
  show(rows, nothing = 'None.') {
    this.#write(rows, nothing)
  }

  /** @override */
  clear() {
    super.clear()
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
