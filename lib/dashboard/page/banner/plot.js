/** @import { Entry, Shown } from './types.d.ts' */
import { colour, FONT, keepFitting, REM, roomFor, valueAxis } from '../charts.js'
import uPlot from '../uplot.js'
import { hatch, stepPaths } from './bars.js'
import { ticksOf } from './ticks.js'

/** Clicks are counted in whole numbers. */
const WHOLE = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map(digit => digit * 10 ** power)).flat()
const LEAST_DRAG_PIXELS = 6

/**
 * @typedef {object} PlotListeners
 * @property {(index: number | null) => void} onPoint the pointer is over a step, or over none
 * @property {(one: number, other: number) => void} onDrag from one step to another
 * @property {() => void} onDoubleClick
 * @property {() => void} onSize the places of the steps have changed
 */

/**
 * The drawing of a banner's clicks: bars, the running one hatched, with what is filtered out on top of them, and a line
 * for what they are compared with.
 */
export class Plot {
  /** @type {uPlot} */
  #chart
  #element
  #listeners
  /** @type {Shown} */
  #shown

  /** @param {HTMLElement} element it is in the page, and has its size @param {Shown} shown @param {PlotListeners} listeners */
  constructor(element, shown, listeners) {
    this.#element = element
    this.#shown = shown
    this.#listeners = listeners
    const { width, height } = element.getBoundingClientRect()
    this.#chart = new uPlot(
      {
        ...{ width: Math.max(width, 40), height: Math.max(height, 30) },
        padding: [8, REM * 0.6, 0, 0],
        legend: { show: false },
        cursor: this.#cursor(),
        scales: {
          x: { time: false, range: () => [this.#shown.fromMs / 1000, this.#shown.toMs / 1000] },
          y: { range: (_chart, _low, high) => [0, roomFor(high)] },
        },
        axes: [this.#timeAxis(), { ...valueAxis({ space: REM * 3 }), incrs: WHOLE, size: roomForLabels }],
        series: [{}, ...this.#series()],
        hooks: {
          setCursor: [({ cursor: { left = -1 } }) => listeners.onPoint(left < 0 ? null : this.#stepAt(left))],
          setSelect: [() => this.#select()],
          setSize: [() => listeners.onSize()],
        },
      },
      columnsOf(shown.entries),
      element,
    )
    keepFitting(this.#chart, element)
  }

  /** @param {Shown} shown */
  show(shown) {
    this.#shown = shown
    this.#chart.setData(columnsOf(shown.entries))
  }

  /** Where a step is, in pixels from the left of the element. @param {Entry} entry */
  placeOf({ startMs, endMs }) {
    const edge = this.#chart.over.offsetLeft
    const [left, right] = [startMs, endMs].map(atMs => edge + this.#chart.valToPos(atMs / 1000, 'x'))
    return { left: left ?? 0, right: right ?? 0 }
  }

  /** How far the drawing is from the element's bottom: the times are below. */
  get bottomPixels() {
    const { offsetTop, offsetHeight } = this.#chart.over
    return this.#element.clientHeight - offsetTop - offsetHeight
  }

  /** @returns {uPlot.Cursor} */
  #cursor() {
    return {
      ...{ x: false, y: false, points: { show: false } },
      drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG_PIXELS },
      bind: {
        dblclick: () => () => {
          this.#listeners.onDoubleClick()
          return null
        },
      },
    }
  }

  /** @returns {uPlot.Series[]} */
  #series() {
    const entries = () => this.#shown.entries
    const stroke = () => colour('one')
    const common = { points: { show: false } }
    const filtered = (/** @type {string} */ name, /** @type {(entry: Entry) => number} */ baseOf) => ({
      ...{ ...common, stroke: () => colour(name), width: 1.5, fill: () => colour(`${name}-fill`) },
      paths: stepPaths(entries, { baseOf }),
    })
    return [
      { ...common, stroke, width: 1.5, fill: () => colour('bar'), paths: stepPaths(entries, {}) },
      {
        ...{ ...common, stroke, width: 1, dash: [3, 3], fill: hatch },
        paths: stepPaths(entries, { isOutlined: true }),
      },
      filtered('bots', ({ clicks }) => clicks),
      filtered('duplicates', ({ clicks, bots }) => clicks + bots),
      { ...common, stroke: () => colour('two'), width: 1.5, paths: stepPaths(entries, { isLine: true }) },
    ]
  }

  /** @returns {uPlot.Axis} */
  #timeAxis() {
    const ticks = () => {
      const { entries, answer } = this.#shown
      return ticksOf(entries, answer.step, Math.max(1, Math.floor(this.#chart.width / (REM * 4.5))))
    }
    return {
      font: FONT,
      stroke: () => colour('muted'),
      grid: { show: false },
      ticks: { stroke: () => colour('line'), width: 1, size: 4 },
      ...{ size: REM * 1.8, gap: 2 },
      splits: () => ticks().map(({ startMs }) => startMs / 1000),
      // At the right end there is no room for the second half of a text.
      values: (chart, splits) => {
        const end = chart.over.clientWidth - REM
        return ticks().map(({ text }, index) => (chart.valToPos(splits[index] ?? 0, 'x') > end ? '' : text))
      },
    }
  }

  /** @param {number} left in pixels from the left of the drawing */
  #stepAt(left) {
    const atMs = this.#chart.posToVal(left, 'x') * 1000
    const index = this.#shown.entries.findLastIndex(({ startMs }) => startMs <= atMs)
    return index === -1 ? null : index
  }

  #select() {
    const { left, width } = this.#chart.select
    if (width === 0) return
    const [one, other] = [this.#stepAt(left), this.#stepAt(left + width - 1)]
    this.#chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    if (one !== null && other !== null) this.#listeners.onDrag(one, other)
  }
}

/** How wide an axis is that has these labels. @param {uPlot} _chart @param {string[] | null} labels */
function roomForLabels(_chart, labels) {
  const longest = Math.max(3, ...(labels ?? []).map(label => label?.length ?? 0))
  return REM * (0.6 + 0.45 * longest)
}

/** @param {readonly Entry[]} entries @returns {uPlot.AlignedData} */
function columnsOf(entries) {
  const clicksOf = (/** @type {Entry['state']} */ wanted) =>
    entries.map(({ state, clicks }) => (state === wanted ? clicks : null))
  return [
    entries.map(({ startMs }) => startMs / 1000),
    clicksOf('closed'),
    clicksOf('running'),
    entries.map(({ clicks, bots }) => (bots === 0 ? null : clicks + bots)),
    entries.map(({ clicks, bots, duplicates }) => (duplicates === 0 ? null : clicks + bots + duplicates)),
    entries.map(({ compared }) => compared?.clicks ?? null),
  ]
}
