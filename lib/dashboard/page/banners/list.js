/** @import { Banner, Filters, Position } from './types.d.ts' */
/** @import { RowListeners } from './rows.js' */
/** @import { Clock } from '../clock.js' */
import { Refused } from '../ask.js'
import { listBanners } from './api.js'
import { Clicks } from './clicks.js'
import { FilterForm } from './filter-form.js'
import { filterValues, listQuery } from './filters.js'
import { ListPage } from './list-page.js'
import { parsePosition, positionValues, start, turn } from './position.js'

const REFRESH_MS = 30_000
const RETRY_MS = 5_000
const LOG_IN = 'Log in with a key to see banners. The list is shown then.'

/**
 * @typedef {object} ListListeners
 * @property {(step: { isStep: boolean, state: unknown }) => void} onMoved the address has changed
 * @property {() => void} onRefused somebody has to log in before there is an answer
 */

/** The list: its filters, one page of it, and the clicks of the banners on that page. */
export class BannerList {
  #clicks
  #form
  #listeners
  #page
  #position = start
  /** @type {string | null} */
  #next = null
  #isShown = false
  #isAsking = false
  #isRefused = false
  /** The present question. The next one ends it. */
  #question = new AbortController()
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /** @param {Clock} clock @param {ListListeners & Pick<RowListeners, 'onOpen' | 'onToggle'>} listeners */
  constructor(clock, listeners) {
    this.#clicks = new Clicks(clock)
    this.#listeners = listeners
    this.#form = new FilterForm(step => this.#filter(this.#form.filters, step))
    const onFilter = (/** @type {Partial<Filters>} */ filter) =>
      this.#filter({ ...this.filters, ...filter }, { isStep: true })
    const onPastEnd = (/** @type {'next' | 'previous'} */ way) =>
      this.#turn(way, way === 'next' ? 'first' : 'last')
    this.#page = new ListPage(clock, { ...listeners, onFilter, onPastEnd }, way => this.#turn(way, 'first'))
    document.addEventListener('visibilitychange', () => this.#wake())
  }

  get filters() {
    return this.#position.filters
  }

  /** What the address says of the list. */
  get values() {
    return positionValues(this.#position)
  }

  /** Shows what the address says. @param {URLSearchParams} values @param {unknown} state what was written with it */
  show(values, state) {
    this.#isShown = true
    this.#position = parsePosition(values, state)
    this.#form.filters = this.filters
    void this.#ask()
  }

  hide() {
    this.#isShown = false
    clearTimeout(this.#timer)
    this.#question.abort()
  }

  /** Asks for the same page again: something on it may have changed. Not while another view is shown. */
  async reload() {
    if (this.#isShown) await this.#ask({ isCalm: true })
  }

  /** Asks again what was refused until somebody logged in. */
  askAgain() {
    if (this.#isShown && this.#isRefused) void this.#ask()
  }

  /** @param {boolean} canWrite */
  permit(canWrite) {
    this.#page.permit(canWrite)
  }

  /** One of the banners has changed. @param {Banner} banner */
  replace(banner) {
    this.#page.replace(banner)
    // The answer that is on its way may show it as it was.
    if (this.#isAsking) void this.reload()
  }

  /** The zone has changed, and with it what today is. */
  redraw() {
    this.#page.redraw()
    void this.reload()
  }

  /** @param {Filters} filters @param {{ isStep: boolean }} step */
  #filter(filters, { isStep }) {
    const isSame = filterValues(filters, '').toString() === filterValues(this.filters, '').toString()
    // When the view is left, the browser tells of what was typed until then.
    if (isSame || !this.#isShown) return
    this.#form.filters = filters
    this.#go({ ...start, filters }, isStep)
    void this.#ask()
  }

  /** @param {'first' | 'previous' | 'next'} way @param {'first' | 'last'} focused the row that gets the focus */
  #turn(way, focused) {
    const position = turn(this.#position, way, this.#next)
    if (position === null) return
    this.#go(position, true)
    // Not twice to the same page, when somebody is faster than the answer.
    this.#next = null
    void this.#ask({ focused })
  }

  /** @param {Position} position @param {boolean} isStep */
  #go(position, isStep) {
    this.#position = position
    this.#listeners.onMoved({ isStep, state: position.trail })
  }

  /** Nobody asks while the page is hidden. */
  #wake() {
    clearTimeout(this.#timer)
    if (!document.hidden) void this.reload()
  }

  /**
   * @param {object} options
   * @param {boolean} [options.isCalm] whether nobody waits for the answer
   * @param {'first' | 'last'} [options.focused] the row that gets the focus
   * @returns {Promise<void>}
   */
  async #ask({ isCalm = false, focused } = {}) {
    clearTimeout(this.#timer)
    this.#question.abort()
    const { signal } = (this.#question = new AbortController())
    this.#page.isBusy = !isCalm
    this.#isAsking = true
    let waitMs = REFRESH_MS
    try {
      const page = await listBanners(listQuery(this.filters, this.#position.after), signal)
      this.#isAsking = false
      this.#isRefused = false
      this.#next = page.next
      this.#page.show(page, this.#position)
      this.#form.suggest(page.banners)
      this.#page.isBusy = false
      if (focused !== undefined) this.#page.focus(focused)
      await this.#askForClicks(signal)
    } catch (error) {
      // A later question has taken its place.
      if (signal.aborted) return
      if (isOddCursor(error, this.#position)) {
        this.#go({ ...start, filters: this.filters }, false)
        return this.#ask()
      }
      this.#isAsking = false
      this.#complain(error, isCalm)
      waitMs = RETRY_MS
    }
    if (!document.hidden) this.#timer = setTimeout(() => void this.reload(), waitMs)
  }

  /** @param {AbortSignal} signal */
  async #askForClicks(signal) {
    const { ids } = this.#page
    if (ids.length === 0) return
    try {
      this.#page.showClicks(await this.#clicks.ask(ids, signal))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.#page.complainOfClicks(error.message)
    }
  }

  /** @param {unknown} error @param {boolean} isCalm */
  #complain(error, isCalm) {
    if (!(error instanceof Refused)) throw error
    this.#isRefused = error.status === 401
    this.#page.isBusy = false
    this.#page.complain(this.#isRefused ? LOG_IN : error.message)
    // Not in the middle of something else: whoever types would lose the focus.
    if (this.#isRefused && !isCalm) this.#listeners.onRefused()
  }
}

/**
 * Whether the service may have refused the cursor, which comes from an address.
 * @param {unknown} error
 * @param {Position} position
 */
function isOddCursor(error, { after }) {
  return error instanceof Refused && error.status === 400 && after !== ''
}
