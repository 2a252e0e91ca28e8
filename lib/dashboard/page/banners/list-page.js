/** @import { Banner, BannerPage, Position, RowClicks } from './types.d.ts' */
/** @import { RowListeners } from './rows.js' */
/** @import { Clock } from '../clock.js' */
import { byId, writeText } from '../dom.js'
import { isFiltered } from './filters.js'
import { turn } from './position.js'
import { Rows } from './rows.js'
import { nothingWords, shownWords } from './words.js'

const WAYS = /** @type {const} */ (['first', 'previous', 'next'])

/** What is seen of a page of the list: the rows, or why there are none, and how to go on. */
export class ListPage {
  #rows
  #canWrite = false
  /** @type {{ page: BannerPage, position: Position } | null} null: nothing has been shown yet */
  #shown = null

  /**
   * @param {Clock} clock
   * @param {RowListeners} listeners
   * @param {(way: typeof WAYS[number]) => void} onTurn
   */
  constructor(clock, listeners, onTurn) {
    this.#rows = new Rows(byId('banner-rows'), clock, listeners)
    for (const way of WAYS) byId(way).addEventListener('click', () => onTurn(way))
    byId('nothing-first').addEventListener('click', () => onTurn('first'))
  }

  get ids() {
    return this.#rows.ids
  }

  /** @param {boolean} isBusy somebody waits for another page */
  set isBusy(isBusy) {
    byId('list').ariaBusy = String(isBusy)
  }

  /** @param {BannerPage} page @param {Position} position */
  show(page, position) {
    this.#shown = { page, position }
    this.#rows.show(page.banners)
    this.#rows.permit(this.#canWrite)
    const isEmpty = page.banners.length === 0
    byId('list').hidden = isEmpty
    byId('foot').hidden = isEmpty
    byId('list-problem').hidden = true
    for (const way of WAYS) byId(way).toggleAttribute('disabled', turn(position, way, page.next) === null)
    const words = shownWords(situationOf(page, position))
    writeText(byId('shown'), words)
    writeText(
      byId('list-news'),
      isEmpty ? nothingWords({ ...situationOf(page, position), canWrite: false }).title : words,
    )
    this.#showNothing()
  }

  /** The page is not known. What is shown stays. @param {string} message */
  complain(message) {
    byId('list-problem').hidden = false
    writeText(byId('list-problem'), message)
    this.#showNothing()
  }

  /** @param {RowClicks} clicks */
  showClicks(clicks) {
    this.#rows.showClicks(clicks)
    byId('clicks-problem').hidden = true
  }

  /** @param {string} message why there are no clicks. The banners are right all the same */
  complainOfClicks(message) {
    this.#rows.showClicks({ today: new Map(), yesterday: new Map() })
    byId('clicks-problem').hidden = false
    writeText(byId('clicks-problem'), `Clicks are not shown. ${message}`)
  }

  /** @param {boolean} canWrite */
  permit(canWrite) {
    this.#canWrite = canWrite
    this.#rows.permit(canWrite)
    this.#showNothing()
  }

  /** One of the banners has changed. @param {Banner} banner */
  replace(banner) {
    this.#rows.replace(banner)
  }

  redraw() {
    this.#rows.redraw()
  }

  /** The row, or what stands in place of the rows, gets the focus. @param {'first' | 'last'} which */
  focus(which) {
    if (this.#rows.focus(which)) return
    const button = /** @type {HTMLElement | null} */ (document.querySelector('#nothing button:not([hidden])'))
    button?.focus()
  }

  #showNothing() {
    const shown = this.#shown
    const isNothing = shown?.page.banners.length === 0 && byId('list-problem').hidden === true
    byId('nothing').hidden = !isNothing
    byId('filters').hidden = false
    if (shown === null || !isNothing) return
    const situation = situationOf(shown.page, shown.position)
    const { title, words } = nothingWords({ ...situation, canWrite: this.#canWrite })
    writeText(byId('nothing-title'), title)
    writeText(byId('nothing-words'), words)
    const isWhole = !situation.isLater && !situation.isFiltered
    // There is nothing to filter.
    byId('filters').hidden = isWhole
    byId('nothing-first').hidden = !situation.isLater
    byId('nothing-clear').hidden = situation.isLater || isWhole
    for (const id of ['nothing-add', 'nothing-import']) byId(id).hidden = !isWhole || !this.#canWrite
  }
}

/** @param {BannerPage} page @param {Position} position */
function situationOf({ banners, next }, { after, filters }) {
  return {
    rowCount: banners.length,
    hasMore: next !== null,
    isLater: after !== '',
    isFiltered: isFiltered(filters),
  }
}
