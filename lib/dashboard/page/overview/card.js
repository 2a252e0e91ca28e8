import { make, writeText } from '../dom.js'

/** A part of the view with a title. What is wrong with it stands below the title, and what it last showed stays. */
export class Card {
  element
  #problem = make('p', { class: 'error', role: 'alert' })

  /** @param {string} name @param {...(Node | string)} title */
  constructor(name, ...title) {
    const id = `overview-${name}`
    const heading = make('h3', { id }, ...title)
    this.element = make('article', { class: `card ${name}`, 'aria-labelledby': id }, heading, this.#problem)
  }

  /** @param {string} message '' when nothing is wrong */
  complain(message) {
    writeText(this.#problem, message)
  }
}
