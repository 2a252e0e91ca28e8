/** @import { Clock } from '../clock.js' */
/** @import { DayColumns, Step } from './types.d.ts' */
import { createChart } from '../charts.js'
import { make, writeText } from '../dom.js'
import { count } from '../format.js'
import { Card } from './card.js'
import { changeWords } from './figure-card.js'
import { dayColumns, quarterOf, todayOf } from './today.js'

/** Clicks of today by quarter of an hour, in front of those of yesterday. */
export class TodayCard extends Card {
  #chart
  #clock
  #box = make('div', { class: 'chart', role: 'img', 'aria-label': 'Clicks of today: nothing yet.' })
  #figure = make('p', { class: 'figure' }, '–')
  #note = make('p', { class: 'note' })
  #until
  /** What is drawn. @type {DayColumns | null} */
  #columns = null
  /** What the note says while nobody points at the chart. @type {readonly (Node | string)[]} */
  #words = []

  /** @param {Clock} clock */
  constructor(clock) {
    const until = make('span')
    super('today', 'Clicks today', until, ' ', key('one', 'today'), ' ', key('behind', 'yesterday'))
    this.#clock = clock
    this.#until = until
    this.element.append(this.#figure, this.#note, this.#box)
    this.#chart = createChart(this.#box, clock, {
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

  /** @param {readonly Step[]} stats quarters since yesterday began @param {number} nowMs when they were asked for */
  show(stats, nowMs) {
    const { total, finished, finishedYesterday, yesterday, until } = todayOf(stats, nowMs, this.#clock)
    writeText(this.#figure, count(total))
    writeText(this.#until, ` until ${this.#clock.minuteOfDay(nowMs)}`)
    const comparison = changeWords(finished, finishedYesterday, `yesterday until ${until}`)
    const isComparable = until !== '00:00'
    this.#words = isComparable
      ? [...comparison, ` · whole day: ${count(yesterday)}`]
      : [`Yesterday: ${count(yesterday)}`]
    this.#note.replaceChildren(...this.#words)
    this.#columns = dayColumns(stats, nowMs, this.#clock)
    const { times, yesterday: behind, finished: front, running } = this.#columns
    this.#chart.setData([times, behind, front, running])
    const sums = `${count(total)} today so far, ${count(yesterday)} yesterday`
    this.#box.ariaLabel = `Clicks by quarter of an hour: ${sums}.`
  }

  clear() {
    writeText(this.#figure, '–')
    writeText(this.#until, '')
    this.#words = []
    this.#note.replaceChildren()
    this.#columns = null
    this.#chart.setData([[], [], [], []])
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
