import { make } from '../dom.js'

/**
 * @typedef {object} FieldOptions
 * @property {string} id of the control
 * @property {string} name
 * @property {string} hint '' when none is needed
 * @property {HTMLInputElement | HTMLTextAreaElement} control
 */

/** A control with its name, a hint, and what is wrong with it. */
export class Field {
  element
  control
  #problem

  /** @param {FieldOptions} options */
  constructor({ id, name, hint, control }) {
    this.control = control
    control.id = id
    const words = make('small', { id: `${id}-hint`, class: 'hint', hidden: hint === '' }, hint)
    this.#problem = make('p', { id: `${id}-problem`, class: 'fault', hidden: true })
    control.setAttribute('aria-describedby', `${words.id} ${this.#problem.id}`)
    const label = make('label', { for: id }, name)
    const isBox = control.type === 'checkbox'
    const parts = isBox ? [make('div', { class: 'box' }, control, label)] : [label, control]
    this.element = make('div', { class: 'field', 'data-field': id }, ...parts, words, this.#problem)
    // What was wrong is being mended.
    control.addEventListener('input', () => this.complain(''))
  }

  /** Of a box: `true` or `false`. */
  get text() {
    return this.#isBox(this.control) ? String(this.control.checked) : this.control.value
  }

  set text(text) {
    if (this.#isBox(this.control)) this.control.checked = text === 'true'
    else this.control.value = text
  }

  /** @param {boolean} isReadOnly */
  set isReadOnly(isReadOnly) {
    this.control.readOnly = isReadOnly
    // The browser knows no box that can only be read.
    if (this.#isBox(this.control)) this.control.disabled = isReadOnly
  }

  /** @param {string} message '' when nothing is wrong */
  complain(message) {
    this.#problem.hidden = message === ''
    this.#problem.textContent = message
    if (message === '') this.control.removeAttribute('aria-invalid')
    else this.control.setAttribute('aria-invalid', 'true')
  }

  /** @param {HTMLInputElement | HTMLTextAreaElement} control @returns {control is HTMLInputElement} */
  #isBox(control) {
    return control.type === 'checkbox'
  }
}
