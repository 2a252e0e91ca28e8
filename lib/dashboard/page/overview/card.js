/** @import { Span } from './types.d.ts' */
import { make, writeText } from '../dom.js'
import { untilWords } from './span.js'

/** A part of the view with a title. What is wrong with it stands below the title, and what it last showed stays. */
export class Card {
  element
  until = make('span')
  #problem = make('p', { class: 'error', role: 'alert' })

  /** @param {string} name @param {string} title @param {...(Node | string)} more of the title */
  constructor(name, title, ...more) {
    const id = `overview-${name}`
    const heading = make('h3', { id }, title, this.until, ...more)
    this.element = make('article', { class: `card ${name}`, 'aria-labelledby': id }, heading, this.#problem)
  }

  /** Says when its figures end. @param {Span} span @param {number} _atMs when they were asked for */
  date(span, _atMs) {
    writeText(this.until, untilWords(span))
  }

  clear() {
    writeText(this.until, '')
  }

  /** @param {string} message '' when nothing is wrong */
  complain(message) {
    writeText(this.#problem, message)
  }
}
