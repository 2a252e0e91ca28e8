/** @import { DayColumns, Span, Step } from './types.d.ts' */
import { createChart } from '../charts.js'
import { Clock } from '../clock.js'
import { make, writeText } from '../dom.js'
import { count } from '../format.js'
import { Card } from './card.js'
import { changeWords, filteredNote } from './figure-card.js'
import { dayColumns, quarterOf, todayOf } from './today.js'

/** Clicks of today by quarter of an hour, in front of those of yesterday. */
export class TodayCard extends Card {
  #chart
  /** In the zone whose day is shown. */
  #clock = new Clock()
  #box = make('div', { class: 'chart unknown', role: 'img', 'aria-label': 'Clicks of today: nothing yet.' })
  #figure = make('p', { class: 'figure' }, '–')
  #note = make('p', { class: 'note' })
  #filtered = make('p', { class: 'note' })
  /** What is drawn. @type {DayColumns | null} */
  #columns = null
  /** What the note says while nobody points at the chart. @type {readonly (Node | string)[]} */
  #words = []

  constructor() {
    super('today', 'Clicks today', ' ', key('one', 'today'), ' ', key('behind', 'yesterday'))
    this.element.append(this.#figure, this.#note, this.#filtered, this.#box)
    this.#chart = createChart(this.#box, this.#clock, {
      series: [
        { colour: 'muted', isStepped: true },
        { colour: 'one', isFilled: true, isStepped: true },
        { colour: 'one', isStepped: true, isDashed: true },
      ],
      xRange: () => [this.#columns?.times[0] ?? 0, this.#columns?.times.at(-1) ?? 1],
      hasTimes: true,
      onCursor: index => this.#point(index),
    })
  }

  /** @override @param {Span} span @param {number} atMs */
  date({ clock, isOfUtcDays }, atMs) {
    writeText(this.until, ` until ${clock.minuteOfDay(atMs)}${isOfUtcDays ? ' (days of UTC)' : ''}`)
  }

  /**
   * @param {readonly Step[]} stats quarters since yesterday began
   * @param {number} nowMs when they were asked for
   * @param {Clock} clock in the zone of the days
   */
  show(stats, nowMs, { zone }) {
    this.#clock.zone = zone
    const today = todayOf(stats, nowMs, this.#clock)
    const { total, finished, finishedYesterday, yesterday, until } = today
    writeText(this.#figure, count(total))
    writeText(this.#filtered, filteredNote(today))
    const comparison = changeWords(finished, finishedYesterday, `yesterday until ${until}`)
    const isComparable = until !== '00:00'
    this.#words = isComparable
      ? [...comparison, ` · whole day: ${count(yesterday)}`]
      : [`Yesterday: ${count(yesterday)}`]
    this.#note.replaceChildren(...this.#words)
    this.#columns = dayColumns(stats, nowMs, this.#clock)
    const { times, yesterday: behind, finished: front, running } = this.#columns
    this.#chart.setData([times, behind, front, running])
    this.#box.classList.remove('unknown')
    const sums = `${count(total)} today so far, ${count(yesterday)} yesterday`
    this.#box.ariaLabel = `Clicks by quarter of an hour: ${sums}.`
  }

  /** @override */
  clear() {
    super.clear()
    writeText(this.#figure, '–')
    writeText(this.#filtered, '')
    this.#words = []
    this.#note.replaceChildren()
    this.#columns = null
    this.#box.classList.add('unknown')
  }

  /** Reads the quarter under the pointer. @param {number | null} index */
  #point(index) {
    if (this.#columns === null || index === null) {
      this.#note.replaceChildren(...this.#words)
      return
    }
    const { atSeconds, today, isRunning, yesterday } = quarterOf(this.#columns, index)
    const soFar = isRunning ? ' so far' : ''
    const time = this.#clock.minuteOfDay(atSeconds * 1000)
    this.#note.textContent = `${time}: ${count(today)}${soFar} · yesterday ${count(yesterday)}`
  }
}

/** @param {string} colour @param {string} words */
function key(colour, words) {
  return make('i', { class: `key ${colour}` }, words)
}
