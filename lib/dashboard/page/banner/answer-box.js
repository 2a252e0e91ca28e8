/** @import { Clock } from '../clock.js' */
/** @import { ChartListeners } from './chart.js' */
/** @import { Shown } from './types.d.ts' */
import { make, writeText } from '../dom.js'
import { ClicksChart } from './chart.js'
import { Summary } from './summary.js'
import { StepTable } from './table.js'

/** @typedef {ChartListeners & { onFile: () => void, onWider: () => void, onUtc: () => void }} AnswerListeners */

/** An answer: its sums, a chart, a table and a file. */
export class AnswerBox {
  #summary
  #chart
  #table = new StepTable()
  #news = make('p', { class: 'unseen', role: 'status' })
  #remark = make('p', { class: 'line' })
  #utc
  #closer
  #later
  #csv
  #steps
  #nothing
  element

  /** @param {Clock} clock @param {AnswerListeners} listeners */
  constructor(clock, listeners) {
    const { onPan, onZoomOut, onFile, onWider, onUtc } = listeners
    this.#summary = new Summary(clock)
    this.#chart = new ClicksChart(listeners)
    this.#utc = button('Show days of UTC', '', onUtc)
    this.#closer = button('+', 'Zoom in', () => this.#chart.zoomIn())
    this.#later = button('→', 'Later', () => onPan(1))
    this.#csv = button('Download CSV', '', onFile)
    const tools = make(
      'div',
      { class: 'buttons tools' },
      ...[button('←', 'Earlier', () => onPan(-1)), this.#later],
      ...[button('−', 'Zoom out', onZoomOut), this.#closer],
      this.#csv,
    )
    this.#steps = make('div', {}, this.#chart.element, this.#table.element)
    const words = make('p', { class: 'line' }, 'Nothing was counted in this range.')
    this.#nothing = make('div', { class: 'nothing-here' }, words, button('Look at 12 months', '', onWider))
    this.element = make(
      'div',
      { class: 'answer', hidden: true },
      make('div', { class: 'answer-head' }, this.#summary.element, tools),
      ...[this.#news, this.#remark, this.#utc, this.#nothing, this.#steps],
    )
  }

  /** @param {Shown} shown @param {{ remark: string, hasUtc: boolean, isSameQuestion: boolean, isWidest: boolean }} options */
  show(shown, { remark, hasUtc, isSameQuestion, isWidest }) {
    const { total, bots, duplicates, compared } = shown.answer
    // Without clicks, words say more than an empty chart and an empty table.
    const isEmpty = total + bots + duplicates + (compared?.total ?? 0) === 0
    this.element.hidden = false
    this.#steps.hidden = isEmpty
    this.#nothing.hidden = !isEmpty || isWidest
    this.#summary.show(shown, isEmpty)
    writeText(this.#remark, remark)
    this.#utc.hidden = !hasUtc
    this.#closer.disabled = isEmpty
    this.#later.disabled = shown.toMs > Date.now()
    if (isEmpty) return
    // In the page by now, and with its size: the chart is as large as its place.
    this.#chart.show(shown, isSameQuestion)
    this.#table.show(shown)
  }

  hide() {
    this.element.hidden = true
  }

  focus() {
    this.#summary.title.focus()
  }

  /** Tells screen readers what is shown. */
  tell() {
    writeText(this.#news, this.#summary.title.textContent ?? '')
  }

  /** @param {boolean} isBusy */
  set isBusy(isBusy) {
    this.element.ariaBusy = isBusy ? 'true' : null
  }

  /** @param {boolean} isBusy */
  set isFileBusy(isBusy) {
    this.#csv.ariaBusy = isBusy ? 'true' : null
  }
}

/** @param {string} words @param {string} name for whom a sign says nothing; '': the words are enough @param {() => void} onClick */
function button(words, name, onClick) {
  const label = name === '' ? {} : { 'aria-label': name, title: name }
  const made = make('button', { type: 'button', class: 'plain', ...label }, words)
  made.addEventListener('click', onClick)
  return made
}
