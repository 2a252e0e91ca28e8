import { make } from './dom.js'

let opened = 0

/** A dialog in front of the page. It is made when it is opened, and goes when it is closed. */
export class Modal {
  #dialog
  #heading
  #mayClose
  #isSetAside = false

  /**
   * @param {object} options
   * @param {readonly (Node | string)[]} options.title
   * @param {string} options.kind its class
   * @param {readonly Node[]} options.content
   * @param {() => boolean | Promise<boolean>} [options.mayClose] asked when the reader closes it
   * @param {() => void} [options.onClosed]
   */
  constructor({ title, kind, content, mayClose = () => true, onClosed }) {
    this.#mayClose = mayClose
    this.#heading = make('h2', { id: `dialog-${++opened}`, tabindex: '-1', autofocus: true }, ...title)
    const close = make('button', { type: 'button', class: 'quiet close' }, 'Close')
    close.addEventListener('click', () => void this.#ask())
    const head = make('div', { class: 'dialog-head' }, this.#heading, close)
    this.#dialog = make('dialog', { class: kind, 'aria-labelledby': this.#heading.id }, head, ...content)
    this.#dialog.addEventListener('cancel', event => {
      // A file field in the dialog raises the same event, when no file is chosen.
      if (event.target !== this.#dialog) return
      event.preventDefault()
      void this.#ask()
    })
    this.#dialog.addEventListener('close', () => {
      if (this.#isSetAside) return
      this.#dialog.remove()
      onClosed?.()
    })
  }

  /** @param {readonly (Node | string)[]} title */
  set title(title) {
    this.#heading.replaceChildren(...title)
  }

  open() {
    this.#isSetAside = false
    document.body.append(this.#dialog)
    this.#dialog.showModal()
  }

  /** Shows the page in front of which it is. With `open` it is back as it was. */
  setAside() {
    this.#isSetAside = true
    this.#dialog.close()
  }

  /** Without a question. */
  close() {
    this.#dialog.close()
  }

  async #ask() {
    if (await this.#mayClose()) this.close()
  }
}

/**
 * A question. Resolves with false when the dialog is closed without an answer.
 * @param {object} question
 * @param {readonly (Node | string)[]} question.title
 * @param {readonly (Node | string)[]} question.words
 * @param {string} question.yes
 * @param {string} question.no
 * @returns {Promise<boolean>}
 */
export function confirm({ title, words, yes, no }) {
  const { promise, resolve } = /** @type {PromiseWithResolvers<boolean>} */ (Promise.withResolvers())
  const buttons = make('div', { class: 'buttons' })
  const modal = new Modal({
    title,
    kind: 'question',
    content: [make('p', {}, ...words), buttons],
    // Does nothing after an answer.
    onClosed: () => resolve(false),
  })
  const button = (/** @type {string} */ name, /** @type {string} */ kind, /** @type {boolean} */ isYes) => {
    const element = make('button', { type: 'button', class: kind }, name)
    element.addEventListener('click', () => {
      resolve(isYes)
      modal.close()
    })
    return element
  }
  buttons.append(button(yes, 'danger', true), button(no, 'plain', false))
  modal.open()
  return promise
}
