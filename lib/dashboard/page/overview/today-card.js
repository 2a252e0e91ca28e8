/** @import { Clock } from '../clock.js' */
/** @import { Step } from './types.d.ts' */
import { createChart } from '../charts.js'
import { make, writeText } from '../dom.js'
import { count } from '../format.js'
import { Card } from './card.js'
import { changeWords } from './figure-card.js'
import { dayColumns, todayOf } from './today.js'

/** Clicks of today by quarter of an hour, in front of those of yesterday. */
export class TodayCard {
  #card
  #chart
  #clock
  #box = make('div', { class: 'chart', role: 'img', 'aria-label': 'Clicks of today: nothing yet.' })
  #figure = make('p', { class: 'figure' }, '–')
  #note = make('p', { class: 'note' })
  #until = make('span')
  /** @type {import('./types.d.ts').DayColumns | null} */
  #columns = null
  #words = /** @type {readonly (Node | string)[]} */ ([])
  #dayMs = /** @type {[number, number]} */ ([0, 1])

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock
    const key = (/** @type {string} */ colour, /** @type {string} */ words) =>
      make('i', { class: `key ${colour}` }, words)
    const title = ['Clicks today', this.#until, ' ', key('one', 'today'), ' ', key('behind', 'yesterday')]
    this.#card = new Card('today', title, [this.#figure, this.#note, this.#box])
    this.#chart = createChart(this.#box, clock, {
      series: [
        { colour: 'muted', isStepped: true },
        { colour: 'one', isFilled: true, isStepped: true },
        { colour: 'one', isStepped: true, isDashed: true },
      ],
      xRange: () => [this.#dayMs[0] / 1000, this.#dayMs[1] / 1000],
      hasTimes: true,
      onCursor: index => this.#point(index),
    })
  }

  get element() {
    return this.#card.element
  }

  /** @param {string} message */
  complain(message) {
    this.#card.complain(message)
  }

  /** @param {readonly Step[]} stats quarters since yesterday began @param {number} nowMs when they were asked for */
  show(stats, nowMs) {
    const { total, finished, finishedYesterday, yesterday, until } = todayOf(stats, nowMs, this.#clock)
    writeText(this.#figure, count(total))
    writeText(this.#until, ` until ${this.#clock.minuteOfDay(nowMs)}`)
    this.#words =
      until === '00:00'
        ? [`Yesterday: ${count(yesterday)}`]
        : [
            ...changeWords(finished, finishedYesterday, `yesterday until ${until}`),
            ` · whole day: ${count(yesterday)}`,
          ]
    this.#note.replaceChildren(...this.#words)
    this.#dayMs = [this.#clock.startOfDay(nowMs), this.#clock.startOfDay(nowMs, { days: 1 })]
    this.#columns = dayColumns(stats, nowMs, this.#clock)
    const { times, yesterday: behind, finished: front, running } = this.#columns
    this.#chart.setData([times, behind, front, running])
    this.#box.ariaLabel = `Clicks by quarter of an hour: ${count(total)} today so far, ${count(yesterday)} yesterday.`
  }

  clear() {
    writeText(this.#figure, '–')
    writeText(this.#until, '')
    this.#note.replaceChildren()
    this.#columns = null
    this.#chart.setData([[], [], [], []])
  }

  /** The quarter under the pointer. @param {number | null} index */
  #point(index) {
    const columns = this.#columns
    const atSeconds = index === null ? undefined : columns?.times[index]
    if (columns === null || index === null || atSeconds === undefined) {
      this.#note.replaceChildren(...this.#words)
      return
    }
    const running = columns.running[index]
    const isRunning = running !== null && columns.running[index - 1] === null
    const now = isRunning ? running : columns.finished[index]
    const words = isRunning ? `${count(now ?? null)} so far` : count(now ?? null)
    this.#note.textContent = `${this.#clock.minuteOfDay(atSeconds * 1000)}: ${words} · yesterday ${count(columns.yesterday[index] ?? null)}`
  }
}
