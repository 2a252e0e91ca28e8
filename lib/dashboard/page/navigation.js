/** @import { ShownView, View, Zone } from './types.d.ts' */
/** @import { Clock } from './clock.js' */
import { readAddress, writeAddress } from './address.js'
import { redrawAll } from './charts.js'
import { localZoneName } from './clock.js'

const zoneInputs = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('[name=zone]'))
/** A zone that was chosen in a view. */
const other = /** @type {HTMLElement} */ (document.getElementById('other-zone'))
const skip = /** @type {HTMLAnchorElement} */ (document.getElementById('skip'))

/** Which view is shown, and in which zone. Both are in the address: a link shows others the same, and Back works. */
export class Navigation {
  /** @type {View} */
  view = 'overview'
  #clock
  #views
  #onShown

  /**
   * @param {Clock} clock
   * @param {Readonly<Record<View, ShownView>>} views
   * @param {() => void} onShown called when another view is shown
   */
  constructor(clock, views, onShown) {
    this.#clock = clock
    this.#views = views
    this.#onShown = onShown
    for (const input of zoneInputs) input.addEventListener('change', () => this.rezone(input.value))
    // Not by the hash, which says what is shown.
    skip.addEventListener('click', event => {
      event.preventDefault()
      document.getElementById(views[this.view].skip.to)?.focus()
    })
    addEventListener('hashchange', () => this.#read())
  }

  /** To be called once, when the views can be shown. */
  start() {
    const name = /** @type {HTMLElement} */ (document.getElementById('local-zone'))
    name.textContent = `, ${localZoneName}`
    this.#read()
  }

  /**
   * Writes what the present view shows into the address. It raises no hashchange: the view shows it already.
   * @param {object} options
   * @param {boolean} options.isStep whether Back leads to what was shown before
   * @param {unknown} [options.state] comes back with the address
   */
  write({ isStep, state = null }) {
    const hash = this.#hashOf(this.view)
    if (isStep) history.pushState(state, '', hash)
    else history.replaceState(state, '', hash)
    this.#link()
  }

  /** Shows times in a zone, and has it in the address. @param {Zone} zone */
  rezone(zone) {
    // Read first: the views read their forms in the zone that is over.
    const shown = Object.values(this.#views).map(view => /** @type {const} */ ([view, view.values]))
    this.#setZone(zone)
    for (const [view, values] of shown) view.redraw(values)
    this.write({ isStep: false, state: history.state })
  }

  /** Goes to another view, as its link does. @param {View} view */
  go(view) {
    if (view === this.view) return
    history.pushState(null, '', this.#hashOf(view))
    this.#read()
  }

  #read() {
    const { view, zone, values } = readAddress(location.hash)
    this.#setZone(zone)
    const isOther = view !== this.view
    if (isOther) this.#views[this.view].hide()
    this.view = view
    document.documentElement.dataset.view = view
    for (const [name, { section, skip: of }] of Object.entries(this.#views)) {
      const isShown = name === view
      section.hidden = !isShown
      if (!isShown) continue
      skip.textContent = of.words
      skip.href = `#${section.id}`
    }
    this.#views[view].show(values, history.state)
    this.#link()
    this.#onShown()
  }

  /** Each link leads to what its view showed last. */
  #link() {
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
      document.querySelectorAll('nav [data-view]')
    )) {
      const view = /** @type {View} */ (link.dataset.view)
      link.href = this.#hashOf(view)
      if (view === this.view) link.ariaCurrent = 'page'
      else link.ariaCurrent = null
    }
  }

  /** @param {View} view */
  #hashOf(view) {
    return writeAddress({ view, zone: this.#clock.zone, values: this.#views[view].values })
  }

  /** @param {Zone} zone */
  #setZone(zone) {
    this.#clock.zone = zone
    const isOther = zone !== 'local' && zone !== 'utc'
    other.hidden = !isOther
    if (isOther) {
      const input = /** @type {HTMLInputElement} */ (other.querySelector('input'))
      input.value = zone
      other.querySelector('span')?.replaceChildren(zone)
    }
    for (const input of zoneInputs) input.checked = input.value === zone
    redrawAll()
  }
}
