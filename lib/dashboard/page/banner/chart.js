/** @import { Action } from './chart-keys.js' */
/** @import { Range, Shown } from './types.d.ts' */
import { make, writeText } from '../dom.js'
import { count } from '../format.js'
import { actionOf } from './chart-keys.js'
import { Plot } from './plot.js'
import { stepWord } from './steps.js'
import { tipParts } from './tip.js'
import { tipSentence } from './tip-words.js'
import { rangeOfSteps, zoomIn } from './zoom.js'

const HELP =
  'Drag to zoom in, double-click to zoom out. With the keyboard: ← → read a step, Enter opens it, + − zoom, ' +
  'Shift ← → move the range.'
const TOUCH_HELP = 'Touch a step to read it.'

/**
 * @typedef {object} ChartListeners
 * @property {(range: Range) => void} onRange somebody has zoomed in
 * @property {() => void} onZoomOut
 * @property {(way: -1 | 1) => void} onPan
 */

/** The chart, with the step that is read: under the pointer, or where the keyboard has come to. */
export class ClicksChart {
  element
  #box = make('div', { class: 'chart', role: 'application', tabindex: '0' })
  #help = make(
    'p',
    { class: 'line', id: 'chart-help' },
    make('span', { class: 'for-pointers' }, HELP),
    make('span', { class: 'for-fingers' }, TOUCH_HELP),
  )
  #mark = make('div', { class: 'mark', hidden: true })
  #news = make('p', { class: 'unseen', role: 'status' })
  #tip = make('div', { class: 'tip', 'aria-hidden': 'true', hidden: true })
  #listeners
  /** @type {Plot | null} */
  #plot = null
  /** @type {Shown | null} */
  #shown = null
  /** The step that is read. @type {number | null} */
  #index = null

  /** @param {ChartListeners} listeners */
  constructor(listeners) {
    this.#listeners = listeners
    this.#box.setAttribute('aria-roledescription', 'chart')
    this.#box.setAttribute('aria-describedby', this.#help.id)
    this.#box.append(this.#mark, this.#tip)
    this.#box.addEventListener('keydown', event => {
      const action = actionOf(event)
      if (action === null) return
      event.preventDefault()
      this.#act(action)
    })
    this.#box.addEventListener('blur', () => this.#read(null))
    this.element = make('div', { class: 'clicks-chart' }, this.#box, this.#help, this.#news)
  }

  /** @param {Shown} shown @param {boolean} isSameQuestion */
  show(shown, isSameQuestion) {
    const read = this.#index === null ? undefined : this.#shown?.entries[this.#index]
    this.#shown = shown
    const highest = shown.entries.reduce((most, { clicks }) => Math.max(most, clicks), 0)
    const by = stepWord(shown.answer.step)
    this.#box.ariaLabel = `Clicks by ${by}, at most ${count(highest)}; the table has the figures`
    if (this.#plot === null)
      this.#plot = new Plot(this.#box, shown, {
        onPoint: index => this.#read(index),
        onDrag: (one, other) => this.#open(one, other),
        onDoubleClick: () => this.#listeners.onZoomOut(),
        onSize: () => this.#read(this.#index),
      })
    else this.#plot.show(shown)
    const index = shown.entries.findIndex(({ startMs }) => startMs === read?.startMs)
    this.#read(isSameQuestion && index !== -1 ? index : null)
  }

  /** Half of the steps, around the one that is read. */
  zoomIn() {
    const { entries } = this.#shown ?? { entries: [] }
    if (entries.length > 0) this.#listeners.onRange(zoomIn(entries, this.#index ?? entries.length >> 1))
  }

  /** @param {Action} action */
  #act(action) {
    if ('move' in action) this.#tell(this.#index === null ? this.#newestIndex : this.#index + action.move)
    else if ('jump' in action) this.#tell(action.jump === 'first' ? 0 : this.#lastIndex)
    else if ('pan' in action) this.#listeners.onPan(action.pan)
    else if ('leave' in action) this.#read(null)
    else if (action.zoom === 'out') this.#listeners.onZoomOut()
    else if (action.zoom === 'in') this.zoomIn()
    else if (this.#index !== null) this.#open(this.#index, this.#index)
  }

  /** The last step that has something to read. */
  get #lastIndex() {
    const isRead = (/** @type {Shown['entries'][number]} */ { state, compared }) =>
      state !== 'ahead' || compared !== null
    return this.#shown?.entries.findLastIndex(isRead) ?? -1
  }

  get #newestIndex() {
    return this.#shown?.entries.findLastIndex(({ state }) => state !== 'ahead') ?? -1
  }

  /** Reads a step, and has it read aloud. @param {number} index */
  #tell(index) {
    const entry = this.#read(Math.max(0, Math.min(index, this.#lastIndex)))
    if (entry !== undefined && this.#shown !== null) writeText(this.#news, tipSentence(entry, this.#shown))
  }

  /** @param {number} one @param {number} other */
  #open(one, other) {
    if (this.#shown !== null) this.#listeners.onRange(rangeOfSteps(this.#shown.entries, one, other))
  }

  /** @param {number | null} index */
  #read(index) {
    const entry = index === null ? undefined : this.#shown?.entries[index]
    this.#index = entry === undefined ? null : index
    this.#mark.hidden = entry === undefined
    this.#tip.hidden = entry === undefined
    if (entry === undefined || this.#shown === null || this.#plot === null) return undefined
    const { left, right } = this.#plot.placeOf(entry)
    Object.assign(this.#mark.style, {
      ...{ left: `${left}px`, width: `${Math.max(1, right - left)}px` },
      bottom: `${this.#plot.bottomPixels}px`,
    })
    this.#tip.replaceChildren(...tipParts(entry, this.#shown))
    const room = this.#box.clientWidth - this.#tip.offsetWidth
    const isLeft = (left + right) / 2 > this.#box.clientWidth / 2
    const beside = isLeft ? left - this.#tip.offsetWidth - 8 : right + 8
    this.#tip.style.left = `${Math.max(0, Math.min(beside, room))}px`
    return entry
  }
}
