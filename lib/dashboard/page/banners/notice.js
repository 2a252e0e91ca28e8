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
    this.#show(words, undo !== null)
  }

  #close() {
    this.#show([], false)
    // The button that had the focus is hidden now.
    byId('list').focus()
  }

  /**
   * Without words it is not seen, and not hidden either: a screen reader tells what changes in what is there.
   * @param {readonly (Node | string)[]} words
   * @param {boolean} canUndo
   */
  #show(words, canUndo) {
    byId('notice').classList.toggle('unseen', words.length === 0)
    byId('undo').hidden = !canUndo
    byId('dismiss').hidden = words.length === 0
    byId('notice-words').replaceChildren(...words)
  }
}
