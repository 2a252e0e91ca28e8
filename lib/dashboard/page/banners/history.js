/** @import { Change } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */

import { Refused } from '../ask.js'
import { make } from '../dom.js'
import { listChanges } from './api.js'
import { verbOf } from './difference.js'
import { differenceList } from './difference-list.js'

/** What became of a banner: who changed what, and when, the newest first. */
export class BannerHistory {
  element
  #bannerId
  #clock
  #list = make('ol', { class: 'changes' })
  #more = make('button', { type: 'button', class: 'plain', hidden: true }, 'Show older changes')
  #problem = make('p', { class: 'problem', role: 'alert', hidden: true })
  /** @type {string | null} */
  #next = null

  /** @param {number} bannerId @param {Clock} clock */
  constructor(bannerId, clock) {
    this.#bannerId = bannerId
    this.#clock = clock
    this.element = make('div', {}, this.#list, this.#more, this.#problem)
    this.#more.addEventListener('click', () => void this.#ask(this.#next))
  }

  /** Asks for the newest changes. */
  async ask() {
    await this.#ask(null)
  }

  /** @param {string | null} after the cursor of older ones */
  async #ask(after) {
    this.#problem.hidden = true
    try {
      const { changes, next } = await listChanges(this.#bannerId, after)
      const items = changes.map(change => item(change, this.#clock))
      if (after === null) this.#list.replaceChildren(...items)
      else this.#list.append(...items)
      this.#next = next
      this.#more.hidden = next === null
      // The button that was pressed may be gone.
      if (after !== null) items[0]?.focus()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.#problem.hidden = false
      this.#problem.textContent = error.message
    }
  }
}

/** @param {Change} change @param {Clock} clock */
function item(change, clock) {
  const when = make('time', { datetime: change.at }, clock.minute(Date.parse(change.at)))
  const who = make('p', {}, make('b', {}, make('bdi', {}, change.by)), ` ${verbOf(change)} on `, when)
  return make('li', { tabindex: '-1' }, who, differenceList(change, clock))
}
