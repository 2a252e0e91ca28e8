/** @import { ShownView } from './types.d.ts' */
import { make } from './dom.js'

const NOT_LOADED = 'The files of this view could not be loaded. Load the page again.'

/** @typedef {Pick<ShownView, 'values' | 'show' | 'hide' | 'redraw'>} Loaded */

/** A view whose files are loaded when it is shown for the first time: the other views do not wait for them. */
export class LateView {
  section
  skip
  #load
  #styles
  /** @type {Loaded | null} */
  #view = null
  /**
   * What is to be shown as soon as the files are there. null: another view is shown.
   * @type {{ values: URLSearchParams, state: unknown } | null}
   */
  #waiting = null
  #isLoading = false
  #ready = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers())

  /**
   * @param {Pick<ShownView, 'section' | 'skip'> & { styles: readonly string[], load: () => Promise<Loaded> }} options
   * `styles`: addresses of stylesheets
   */
  constructor({ section, skip, styles, load }) {
    this.section = section
    this.skip = skip
    this.#styles = styles
    this.#load = load
  }

  /** Resolves when its section can be seen. */
  get ready() {
    return this.#ready.promise
  }

  get values() {
    return this.#view?.values ?? this.#waiting?.values ?? new URLSearchParams()
  }

  /** @param {URLSearchParams} values @param {unknown} state */
  show(values, state) {
    if (this.#view !== null) return this.#view.show(values, state)
    this.#waiting = { values, state }
    void this.#begin()
  }

  hide() {
    this.#waiting = null
    this.#view?.hide()
  }

  /** @param {URLSearchParams} values */
  redraw(values) {
    this.#view?.redraw(values)
  }

  async #begin() {
    if (this.#isLoading) return
    this.#isLoading = true
    try {
      const [view] = await Promise.all([this.#load(), ...this.#styles.map(loadStyle)])
      this.#view = view
      if (this.#waiting !== null) view.show(this.#waiting.values, this.#waiting.state)
    } catch (error) {
      this.section.replaceChildren(make('p', { class: 'problem', role: 'alert' }, NOT_LOADED))
      throw error
    } finally {
      // Not before: without its styles it would be seen in disorder.
      this.section.dataset.ready = ''
      this.#ready.resolve()
    }
  }
}

/** @type {Map<string, Promise<unknown>>} */
const styles = new Map()

/** Loads a stylesheet, once. @param {string} address */
export function loadStyle(address) {
  const known = styles.get(address)
  if (known !== undefined) return known
  const link = make('link', { rel: 'stylesheet', href: address })
  const loaded = new Promise((resolve, reject) => {
    link.addEventListener('load', resolve)
    link.addEventListener('error', reject)
  })
  styles.set(address, loaded)
  document.head.append(link)
  return loaded
}
