/** @import { Banner, Filters, RowClicks } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */
import { writeAddress } from '../address.js'
import { keepRoles, make, writeText } from '../dom.js'
import { count } from '../format.js'
import { stateWords } from './states.js'

/**
 * @typedef {object} RowListeners
 * @property {(banner: Banner) => void} onOpen
 * @property {(banner: Banner) => void} onToggle
 * @property {(filter: Partial<Filters>) => void} onFilter
 * @property {(way: 'next' | 'previous') => void} onPastEnd an arrow key has left the list
 */

/** The rows of the list. A row stays the same element while its banner is listed, so that it keeps the focus. */
export class Rows {
  #body
  #clock
  #listeners
  /** @type {Map<number, Row>} in the order of the list */
  #rows = new Map()

  /** @param {HTMLElement} body @param {Clock} clock @param {RowListeners} listeners */
  constructor(body, clock, listeners) {
    this.#body = body
    this.#clock = clock
    this.#listeners = listeners
    body.addEventListener('keydown', event => this.#move(event))
    keepRoles(/** @type {HTMLElement} */ (body.parentElement))
  }

  get ids() {
    return [...this.#rows.keys()]
  }

  /** @param {readonly Banner[]} banners ascending by id */
  show(banners) {
    const before = this.#rows
    this.#rows = new Map(banners.map(banner => [banner.id, before.get(banner.id) ?? this.#make(banner)]))
    const left = [...before].find(([, { element }]) => element.contains(document.activeElement))
    for (const [id, row] of before) if (!this.#rows.has(id)) row.element.remove()
    // Kept rows are in their order already. Each new one is put in front of the row that follows it.
    let following = null
    for (const row of [...this.#rows.values()].reverse()) {
      if (row.element.nextSibling !== following || row.element.parentNode === null)
        this.#body.insertBefore(row.element, following)
      following = row.element
    }
    for (const banner of banners) this.#rows.get(banner.id)?.show(banner)
    // Whoever was in a row that has gone goes on in the next one.
    if (left !== undefined && !this.#rows.has(left[0])) this.#nearest(left[0])?.name.focus()
  }

  /** One of the banners has changed. @param {Banner} banner */
  replace(banner) {
    this.#rows.get(banner.id)?.show(banner)
  }

  /** @param {RowClicks} clicks */
  showClicks({ today, yesterday }) {
    for (const [id, row] of this.#rows) row.showClicks(today.get(id), yesterday.get(id))
  }

  /** @param {boolean} canWrite whether a row offers what changes its banner */
  permit(canWrite) {
    for (const row of this.#rows.values()) row.permit(canWrite)
  }

  /** Writes times and states anew: the zone has changed, or time has passed. */
  redraw() {
    for (const row of this.#rows.values()) row.show(row.banner)
  }

  /** @param {'first' | 'last'} which @returns {boolean} whether there is a row to focus */
  focus(which) {
    const row = [...this.#rows.values()].at(which === 'first' ? 0 : -1)
    row?.name.focus()
    return row !== undefined
  }

  /** The first row behind a banner, else the last one. @param {number} id */
  #nearest(id) {
    const rows = [...this.#rows.values()]
    return rows.find(({ banner }) => banner.id > id) ?? rows.at(-1)
  }

  /** @param {Banner} banner */
  #make(banner) {
    return new Row(banner, this.#clock, this.#listeners)
  }

  /** Up and down keep to their column. @param {KeyboardEvent} event */
  #move(event) {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 || event.altKey || event.ctrlKey || event.metaKey) return
    const rows = [...this.#rows.values()]
    const from = rows.findIndex(({ element }) => element.contains(/** @type {Node} */ (event.target)))
    if (from === -1) return
    event.preventDefault()
    const to = rows[from + step]
    if (to === undefined) this.#listeners.onPastEnd(step === 1 ? 'next' : 'previous')
    else if (rows[from]?.today === event.target) to.today.focus()
    else if (rows[from]?.name === event.target || to.toggle.hidden) to.name.focus()
    else to.toggle.focus()
  }
}

/** One banner of the list. */
class Row {
  banner
  element
  name = make('button', { type: 'button', class: 'name' })
  toggle = make('button', { type: 'button', class: 'quiet' })
  #clock
  #onFilter
  #shown = ''
  #target = make('span', { class: 'target' })
  #campaign = make('td', { class: 'campaign' })
  #labels = make('td', { class: 'labels' })
  #state = make('td', { class: 'state' })
  /** They lead to the banner's clicks. The second one is for the pointer alone: the first one leads there, too. */
  today = make('a', {}, '…')
  #yesterday = make('a', { tabindex: '-1' }, '…')

  /** @param {Banner} banner @param {Clock} clock @param {RowListeners} listeners */
  constructor(banner, clock, { onOpen, onToggle, onFilter }) {
    this.banner = banner
    this.#clock = clock
    this.#onFilter = onFilter
    this.name.addEventListener('click', () => onOpen(this.banner))
    this.toggle.addEventListener('click', () => onToggle(this.banner))
    this.element = make(
      'tr',
      {},
      make('td', { class: 'id' }, String(banner.id)),
      make('th', { scope: 'row', class: 'banner' }, this.name, this.#target),
      ...[this.#campaign, this.#labels, this.#state],
      make('td', { class: 'number today' }, this.today),
      make('td', { class: 'number yesterday' }, this.#yesterday),
      make('td', { class: 'act' }, this.toggle),
    )
    keepRoles(this.element)
  }

  /** @param {Banner} banner */
  show(banner) {
    this.banner = banner
    const { kind, word, moment } = stateWords(banner, Date.now(), this.#clock)
    const shown = `${banner.version} ${kind} ${moment} ${this.#clock.zone}`
    // What somebody has selected to copy it stays selected.
    if (shown === this.#shown) return
    this.#shown = shown
    this.name.replaceChildren(make('bdi', {}, banner.name))
    this.#target.replaceChildren(make('bdi', {}, banner.target ?? 'no target'))
    this.#target.classList.toggle('none', banner.target === null)
    const { campaign, labels } = banner
    this.#campaign.replaceChildren(...(campaign === null ? [] : [this.#filter(campaign, { campaign })]))
    this.#labels.replaceChildren(...labels.flatMap(label => [this.#filter(label, { label }), ' ']))
    this.#state.dataset.state = kind
    this.#state.replaceChildren(
      make('span', {}, word),
      ...(moment === '' ? [] : [' ', make('small', {}, moment)]),
    )
    const name = make('span', { class: 'unseen' }, ` ${banner.name}`)
    this.#link(this.today, 'today')
    this.#link(this.#yesterday, 'yesterday')
    this.toggle.replaceChildren(banner.isActive ? 'Deactivate' : 'Activate', name)
  }

  /** @param {number | undefined} today @param {number | undefined} yesterday */
  showClicks(today, yesterday) {
    writeText(this.today, count(today ?? null))
    writeText(this.#yesterday, count(yesterday ?? null))
    this.#link(this.today, 'today')
    this.#link(this.#yesterday, 'yesterday')
  }

  /** @param {boolean} canWrite */
  permit(canWrite) {
    this.toggle.hidden = !canWrite
  }

  /** Says what a figure is, and where it leads. @param {HTMLAnchorElement} link @param {string} day a range of the view Banner */
  #link(link, day) {
    const values = new URLSearchParams({ id: String(this.banner.id), range: day })
    link.href = writeAddress({ view: 'banner', zone: this.#clock.zone, values })
    link.ariaLabel = `${link.textContent} clicks ${day}, ${this.banner.name}`
  }

  /**
   * For the pointer alone: the same is in the form, and the Tab key would take ten times as long.
   * @param {string} word
   * @param {Partial<Filters>} filter
   */
  #filter(word, filter) {
    const button = make('button', { type: 'button', class: 'word', tabindex: '-1' }, make('bdi', {}, word))
    button.addEventListener('click', () => this.#onFilter(filter))
    return button
  }
}
