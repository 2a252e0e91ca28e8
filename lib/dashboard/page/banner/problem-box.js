import { make, writeText } from '../dom.js'

/** What is wrong with a question, in the words of the service, and ways out where there are any. */
export class ProblemBox {
  #words = make('p', { class: 'problem', id: 'problem', role: 'alert', tabindex: '-1' })
  #fitting = make('button', { type: 'button', class: 'plain' }, 'Use the step that fits')
  #utc = make('button', { type: 'button', class: 'plain' }, 'Show days of UTC')
  element = make(
    'div',
    { class: 'problem-box', hidden: true },
    this.#words,
    make('div', { class: 'buttons' }, this.#fitting, this.#utc),
  )

  /** @param {{ onFitting: () => void, onUtc: () => void }} listeners somebody takes a way out */
  constructor({ onFitting, onUtc }) {
    this.#fitting.addEventListener('click', onFitting)
    this.#utc.addEventListener('click', onUtc)
  }

  /** @param {string} message @param {{ hasFitting: boolean, hasUtc: boolean }} ways */
  show(message, { hasFitting, hasUtc }) {
    this.element.hidden = false
    writeText(this.#words, message)
    this.#fitting.hidden = !hasFitting
    this.#utc.hidden = !hasUtc
  }

  hide() {
    this.element.hidden = true
  }

  focus() {
    this.#words.focus()
  }
}
