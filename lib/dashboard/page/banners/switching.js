/** @import { Banner } from './types.d.ts' */
/** @import { Notice } from './notice.js' */

import { Refused } from '../ask.js'
import { make } from '../dom.js'
import { changeBanner } from './api.js'

/**
 * @typedef {object} SwitchListeners
 * @property {(banner: Banner) => void} onChanged
 * @property {() => void} onStale the list does not show what there is
 * @property {() => void} onRefused somebody has to log in first
 */

/** Activates and deactivates a banner with one action, and takes it back. */
export class Switching {
  #notice
  #listeners

  /** @param {Notice} notice @param {SwitchListeners} listeners */
  constructor(notice, listeners) {
    this.#notice = notice
    this.#listeners = listeners
  }

  /** Whatever else somebody has changed meanwhile stays as it is. @param {Banner} banner */
  async toggle(banner) {
    const isActive = !banner.isActive
    const changed = await this.#change(banner, isActive, null)
    if (changed === null) return
    const words = [...nameOf(changed), isActive ? ' was activated.' : ' was deactivated.']
    this.#notice.say(words, () => void this.#undo(changed))
  }

  /** Only when nobody has changed it since: he may have meant it. @param {Banner} banner */
  async #undo(banner) {
    const changed = await this.#change(banner, !banner.isActive, banner.version)
    if (changed !== null)
      this.#notice.say([
        ...nameOf(changed),
        changed.isActive ? ' is as before: activated.' : ' is as before: deactivated.',
      ])
  }

  /**
   * @param {Banner} banner
   * @param {boolean} isActive
   * @param {string | null} version
   * @returns {Promise<Banner | null>} null: it was not changed
   */
  async #change(banner, isActive, version) {
    try {
      const changed = await changeBanner(banner.id, { isActive }, version)
      this.#listeners.onChanged(changed)
      return changed
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.#complain(banner, error)
      return null
    }
  }

  /** @param {Banner} banner @param {Refused} refused */
  #complain(banner, { status, message }) {
    if (status === 401) {
      this.#notice.say(['Log in with a key first, then try again.'])
      this.#listeners.onRefused()
    } else if (status === 404 || status === 412) {
      const fate =
        status === 404
          ? ' was deleted meanwhile.'
          : ' was changed by somebody else meanwhile. It stays as it is now.'
      this.#notice.say([...nameOf(banner), fate])
      this.#listeners.onStale()
    } else this.#notice.say([`It was not changed. ${message}`])
  }
}

/** A banner in a sentence. @param {Pick<Banner, 'id' | 'name'>} banner */
export function nameOf({ id, name }) {
  return [`Banner ${id}, “`, make('bdi', {}, name), '”,']
}
