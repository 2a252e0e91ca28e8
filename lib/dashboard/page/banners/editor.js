/** @import { Banner } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */

import { Refused } from '../ask.js'
import { make } from '../dom.js'
import { confirm } from '../modal.js'
import { addBanner, changeBanner, deleteBanner, readBanner } from './api.js'
import { conflictBox } from './conflict.js'
import { changeOf, emptyTexts, FIELDS, mergeTexts, textsOf } from './fields.js'
import { BannerForm } from './form.js'

/**
 * @typedef {object} EditorListeners
 * @property {(banner: Banner, isNew: boolean) => void} onSaved
 * @property {(banner: Banner) => void} onDeleted
 * @property {() => void} onDone there was nothing to save
 * @property {() => void} onRefused somebody has to log in first
 */

/** The form of a banner, and what is done with it: save, delete, and meet somebody who was faster. */
export class BannerEditor {
  element
  #clock
  #form
  #listeners
  /** The banner that is edited, as it was read last. null: it is a new one. @type {Banner | null} */
  #banner
  /** What the fields had then. */
  #base = emptyTexts
  /** The id of a new banner, where nobody is asked for it. @type {string | null} */
  #id = null
  #conflict = make('div')
  /** @type {ReturnType<typeof conflictBox> | null} */
  #choices = null
  #buttons = make('div', { class: 'buttons' })
  #save = make('button', { type: 'submit' }, 'Save')
  #delete = make('button', { type: 'button', class: 'quiet danger' }, 'Delete')

  /** @param {Banner | null} banner @param {Clock} clock @param {EditorListeners} listeners */
  constructor(banner, clock, listeners) {
    this.#banner = banner
    this.#clock = clock
    this.#listeners = listeners
    this.#form = new BannerForm(`(${clock.zone === 'local' ? 'local' : clock.timeZone})`)
    this.#form.hasId = banner === null
    if (banner !== null) this.#base = textsOf(banner, clock)
    this.#form.texts = this.#base
    this.#delete.hidden = banner === null
    this.#buttons.append(this.#save, this.#delete)
    this.#form.element.prepend(this.#conflict)
    this.#form.element.append(this.#buttons)
    this.element = this.#form.element
    this.element.addEventListener('submit', event => {
      event.preventDefault()
      void this.#attempt(this.#save, () => this.#store())
    })
    this.#delete.addEventListener('click', () => void this.#attempt(this.#delete, () => this.#remove()))
  }

  /** Whether something was typed that is not saved. */
  get isDirty() {
    const { texts } = this.#form
    return FIELDS.some(field => texts[field] !== this.#base[field]) || this.#form.id !== ''
  }

  /** @param {boolean} canWrite */
  permit(canWrite) {
    this.#form.isReadOnly = !canWrite
    this.#buttons.hidden = !canWrite
  }

  /** One at a time. @param {HTMLButtonElement} button @param {() => Promise<void>} work */
  async #attempt(button, work) {
    if (this.#save.ariaBusy === 'true' || this.#delete.ariaBusy === 'true') return
    button.ariaBusy = 'true'
    try {
      await work()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (error.status === 401) this.#listeners.onRefused()
      this.#form.complain(
        error.status === 401 ? 'Log in with a key first. What you typed stays.' : error.message,
      )
    } finally {
      button.ariaBusy = null
    }
  }

  async #store() {
    if (!this.#form.isReadable) return
    const open = this.#choices?.open
    if (open !== undefined) {
      open.focus()
      return
    }
    this.#form.calm()
    const change = changeOf(this.#form.texts, this.#base, this.#clock)
    if (this.#banner === null) await this.#add(change)
    else if (Object.keys(change).length === 0) this.#listeners.onDone()
    else await this.#change(this.#banner, change)
  }

  /** @param {object} content */
  async #add(content) {
    try {
      this.#listeners.onSaved(await addBanner(this.#id ?? this.#form.id, content), true)
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 412) throw error
      const message = 'A banner with this id is registered already. Search for it, or take another id.'
      this.#form.complain(message, 'id')
    }
  }

  /** @param {Banner} banner @param {object} change */
  async #change(banner, change) {
    try {
      this.#listeners.onSaved(await changeBanner(banner.id, change, banner.version), false)
    } catch (error) {
      await this.#meet(banner, error)
    }
  }

  async #remove() {
    const banner = this.#banner
    if (banner === null) return
    const isMeant = await confirm({
      title: ['Delete “', make('bdi', {}, banner.name), '”?'],
      words: [`The clicks that it has stay. /click/${banner.id} will not lead to its target any more.`],
      yes: 'Delete',
      no: 'Keep it',
    })
    if (!isMeant) return
    try {
      await deleteBanner(banner.id, banner.version)
      this.#listeners.onDeleted(banner)
    } catch (error) {
      await this.#meet(banner, error)
    }
  }

  /**
   * Somebody else has changed or deleted the banner meanwhile. Rejects with what is something else.
   * @param {Banner} banner
   * @param {unknown} error
   */
  async #meet(banner, error) {
    if (!(error instanceof Refused) || (error.status !== 412 && error.status !== 404)) throw error
    const theirs = await readBanner(banner.id).catch(reason => {
      if (reason instanceof Refused && reason.status === 404) return null
      throw reason
    })
    if (theirs === null) this.#outlive(banner)
    else this.#merge(theirs)
  }

  /** @param {Banner} theirs */
  #merge(theirs) {
    const texts = { base: this.#base, mine: this.#form.texts, theirs: textsOf(theirs, this.#clock) }
    const { texts: merged, taken, disputed } = mergeTexts(texts)
    this.#banner = theirs
    this.#base = texts.theirs
    this.#form.texts = merged
    const onChosen = this.#form.write.bind(this.#form)
    this.#choices = conflictBox({ theirs, texts, taken, disputed, clock: this.#clock, onChosen })
    this.#conflict.replaceChildren(this.#choices.element)
    this.#choices.element.focus()
  }

  /** @param {Banner} banner */
  #outlive({ id }) {
    this.#banner = null
    this.#id = String(id)
    this.#base = emptyTexts
    this.#choices = null
    this.#conflict.replaceChildren()
    this.#delete.hidden = true
    this.#form.complain(
      `Banner ${id} was deleted meanwhile. Save registers it again, as it stands here.`,
      null,
    )
  }
}
