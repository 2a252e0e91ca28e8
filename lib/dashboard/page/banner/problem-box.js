import { make, writeText } from '../dom.js'

/** What is wrong with a question, in the words of the service, and a way out where there is one. */
export class ProblemBox {
  #words = make('p', { class: 'problem', id: 'problem', role: 'alert', tabindex: '-1' })
  #fitting = make('button', { type: 'button', class: 'plain' }, 'Use the step that fits')
  element = make('div', { class: 'problem-box', hidden: true }, this.#words, this.#fitting)

  /** @param {() => void} onFitting somebody takes the way out */
  constructor(onFitting) {
    this.#fitting.addEventListener('click', onFitting)
  }

  /** @param {string} message @param {boolean} isStepChosen whether another step may be the way out */
  show(message, isStepChosen) {
    this.element.hidden = false
    writeText(this.#words, message)
    this.#fitting.hidden = !isStepChosen
  }

  hide() {
    this.element.hidden = true
  }

  focus() {
    this.#words.focus()
  }
}
