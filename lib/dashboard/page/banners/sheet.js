/** @import { Session } from '../types.d.ts' */
/** @import { Banner } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */
import { codeWords, make } from '../dom.js'
import { confirm, Modal } from '../modal.js'
import { BannerCode } from './code.js'
import { BannerEditor } from './editor.js'
import { BannerHistory } from './history.js'
import { mayWrite, writingLine } from './words.js'

/**
 * @typedef {object} SheetListeners
 * @property {(banner: Banner, isNew: boolean) => void} onSaved
 * @property {(banner: Banner) => void} onDeleted
 * @property {() => void} onRefused somebody has to log in first
 * @property {() => void} onClosed
 */

/** All about one banner, in a dialog: its form, code for pages, and its history. */
export class BannerSheet {
  #editor
  #line = make('p', { class: 'line' })
  #modal
  #isSetAside = false

  /** @param {Banner | null} banner null: a new one @param {Clock} clock @param {SheetListeners} listeners */
  constructor(banner, clock, { onSaved, onDeleted, onRefused, onClosed }) {
    this.#editor = new BannerEditor(banner, clock, {
      onSaved: (saved, isNew) => {
        this.#modal.close()
        onSaved(saved, isNew)
      },
      onDeleted: deleted => {
        this.#modal.close()
        onDeleted(deleted)
      },
      onDone: () => this.#modal.close(),
      onRefused: () => {
        // The form for a key is on the page, behind the dialog.
        this.#isSetAside = true
        this.#modal.setAside()
        onRefused()
      },
    })
    const form = make('div', {}, this.#line, this.#editor.element)
    this.#modal = new Modal({
      title:
        banner === null
          ? ['Add a banner']
          : [make('bdi', {}, banner.name), ' ', make('small', {}, `banner ${banner.id}`)],
      kind: 'sheet',
      content: banner === null ? [form] : sections(banner, clock, form),
      mayClose: () => this.#mayClose(),
      onClosed,
    })
  }

  open() {
    this.#modal.open()
  }

  /** Shows what was typed before somebody had to log in. */
  openAgain() {
    if (!this.#isSetAside) return
    this.#isSetAside = false
    this.#modal.open()
  }

  /** @param {Session | null} session */
  permit(session) {
    this.#editor.permit(mayWrite(session))
    this.#line.replaceChildren(...codeWords(writingLine(session)))
    this.#line.hidden = writingLine(session) === ''
  }

  async #mayClose() {
    if (!this.#editor.isDirty) return true
    const words = ['What you have typed is not saved.']
    return confirm({ title: ['Close without saving?'], words, yes: 'Close', no: 'Go on' })
  }
}

/** A bar of words that chooses what is shown. @param {Banner} banner @param {Clock} clock @param {HTMLElement} form */
function sections(banner, clock, form) {
  const history = new BannerHistory(banner.id, clock)
  const parts = /** @type {const} */ ([
    ['Fields', form, () => {}],
    ['Code for pages', new BannerCode(banner).element, () => {}],
    ['History', history.element, () => void history.ask()],
  ])
  const bar = make(
    'fieldset',
    { class: 'ranges' },
    make('legend', { class: 'unseen' }, 'Shown of the banner'),
  )
  for (const [name, element, onShown] of parts) {
    const input = make('input', { type: 'radio', name: 'section' })
    bar.append(make('label', {}, input, ' ', make('span', {}, name)))
    input.checked = element === form
    element.hidden = element !== form
    input.addEventListener('change', () => {
      for (const [, other] of parts) other.hidden = other !== element
      onShown()
    })
  }
  return [bar, ...parts.map(([, element]) => element)]
}
