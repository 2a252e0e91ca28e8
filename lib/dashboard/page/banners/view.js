/** @import { Session } from '../types.d.ts' */
/** @import { Banner } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */

import { Refused } from '../ask.js'
import { byId, codeWords } from '../dom.js'
import { downloadBanners } from './export.js'
import { ImportDialog } from './import.js'
import { doneWords } from './import-words.js'
import { BannerList } from './list.js'
import { Notice } from './notice.js'
import { BannerSheet } from './sheet.js'
import { nameOf, Switching } from './switching.js'
import { mayWrite, writingLine } from './words.js'

/**
 * @typedef {object} BannersListeners
 * @property {(step: { isStep: boolean, state: unknown }) => void} onMoved the address has changed
 * @property {() => void} onRefused somebody has to log in first
 */

/** The registered banners: the list, and all that is done with them. */
export class BannersView {
  #clock
  #list
  #notice = new Notice()
  #onRefused
  /** @type {Session | null} */
  #session = null
  /** @type {BannerSheet | null} */
  #sheet = null
  #switching

  /** @param {Clock} clock @param {BannersListeners} listeners */
  constructor(clock, { onMoved, onRefused }) {
    this.#clock = clock
    this.#onRefused = onRefused
    this.#list = new BannerList(clock, {
      onMoved,
      onRefused,
      onOpen: banner => this.#open(banner),
      onToggle: banner => void this.#switching.toggle(banner),
    })
    this.#switching = new Switching(this.#notice, {
      onChanged: banner => this.#list.replace(banner),
      onStale: () => void this.#list.reload(),
      onRefused,
    })
    for (const id of ['add', 'nothing-add']) byId(id).addEventListener('click', () => this.#open(null))
    for (const id of ['import', 'nothing-import']) byId(id).addEventListener('click', () => this.#import())
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-export]')))
      button.addEventListener('click', () => void this.#export(button))
  }

  get values() {
    return this.#list.values
  }

  /** @param {URLSearchParams} values @param {unknown} state */
  show(values, state) {
    this.#list.show(values, state)
  }

  hide() {
    this.#list.hide()
  }

  redraw() {
    this.#list.redraw()
  }

  /** Somebody has logged in. */
  askAgain() {
    this.#list.askAgain()
    this.#sheet?.openAgain()
  }

  /** What the session may not do is not offered. @param {Session} session */
  permit(session) {
    this.#session = session
    const line = writingLine(session)
    byId('writing').hidden = !mayWrite(session)
    byId('reading-only').hidden = line === ''
    byId('reading-only').replaceChildren(...codeWords(line))
    this.#list.permit(mayWrite(session))
    this.#sheet?.permit(session)
  }

  /** @param {Banner | null} banner null: a new one */
  #open(banner) {
    this.#sheet = new BannerSheet(banner, this.#clock, {
      onSaved: (saved, isNew) => {
        this.#notice.say([...nameOf(saved), isNew ? ' was added.' : ' was changed.'])
        this.#list.replace(saved)
        if (isNew) void this.#list.reload()
      },
      onDeleted: deleted => {
        this.#notice.say([...nameOf(deleted), ' was deleted.'])
        void this.#list.reload()
      },
      onRefused: this.#onRefused,
      onClosed: () => {
        this.#sheet = null
      },
    })
    this.#sheet.permit(this.#session)
    this.#sheet.open()
  }

  #import() {
    const dialog = new ImportDialog(this.#clock, {
      onImported: report => {
        this.#notice.say([doneWords(report)])
        void this.#list.reload()
      },
      onFailed: message => this.#notice.say([`The import failed. ${message}`]),
      onRefused: this.#onRefused,
    })
    dialog.open()
  }

  /** @param {HTMLElement} button */
  async #export(button) {
    button.ariaBusy = 'true'
    try {
      const type = /** @type {'text/csv' | 'application/x-ndjson'} */ (button.dataset.export)
      await downloadBanners(this.#list.filters, type)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.#notice.say([`Nothing was exported. ${error.message}`])
      if (error.status === 401) this.#onRefused()
    } finally {
      button.ariaBusy = null
    }
  }
}
