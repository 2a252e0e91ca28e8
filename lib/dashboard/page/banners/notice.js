import { byId } from '../dom.js'

/** One line at the foot of the window: what has just been done, and a way to undo it. It stays until the next one. */
export class Notice {
  /** @type {(() => void) | null} */
  #undo = null

  constructor() {
    byId('undo').addEventListener('click', () => {
      const undo = this.#undo
      this.#close()
      undo?.()
    })
    byId('dismiss').addEventListener('click', () => this.#close())
  }

  /**
   * @param {readonly (Node | string)[]} words
   * @param {(() => void) | null} [undo] null: there is no way
   */
  say(words, undo = null) {
    this.#undo = undo
    byId('notice').hidden = false
    byId('undo').hidden = undo === null
    byId('notice-words').replaceChildren(...words)
  }

  #close() {
    byId('notice').hidden = true
    byId('notice-words').replaceChildren()
    // The button that had the focus is hidden now.
    byId('list').focus()
  }
}
