/** @import { Clock } from './clock.js' */
import { scaleLabel } from './format.js'
import uPlot from './uplot.js'

/** In pixels. It is larger on a wall screen, and the letters on canvas follow it. */
export const REM = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
export const FONT = `${Math.round(REM * 0.73)}px Inter, system-ui, sans-serif`
const DAY_SECONDS = 86_400
const charts = /** @type {Set<uPlot>} */ (new Set())
/** @type {Set<string>} */
const registered = new Set()

/** Read at each drawing, because the page may have turned dark. @param {string} name */
export function colour(name) {
  const property = `--${name}`
  // Unless it is registered, its value is what the stylesheet says, and a canvas does not know light-dark().
  if (!registered.has(property))
    CSS.registerProperty({ name: property, syntax: '<color>', inherits: true, initialValue: 'transparent' })
  registered.add(property)
  return getComputedStyle(document.documentElement).getPropertyValue(property)
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawAll)

export function redrawAll() {
  for (const chart of charts) chart.redraw(false, true)
}

/**
 * A chart as large as its element, also when the element's size changes.
 * @param {HTMLElement} element
 * @param {Clock} clock
 * @param {object} options
 * @param {{ colour: string, isFilled?: boolean, isStepped?: boolean, isDashed?: boolean }[]} options.series
 * @param {() => [number, number]} options.xRange seconds since the epoch
 * @param {number} [options.top] a fixed end of the scale; without it the scale follows the values
 * @param {boolean} [options.isLogarithmic] values are above 0
 * @param {boolean} [options.hasTimes] whether times stand under the chart
 * @param {string} [options.syncKey] charts of one key share their cursor
 * @param {(index: number | null) => void} [options.onCursor]
 */
export function createChart(
  element,
  clock,
  { series, xRange, top, isLogarithmic, hasTimes, syncKey, onCursor },
) {
  const { width, height } = element.getBoundingClientRect()
  const chart = new uPlot(
    {
      width: Math.max(width, 40),
      height: Math.max(height, 30),
      padding: [8, hasTimes ? REM * 1.8 : 4, hasTimes ? 0 : 6, 0],
      legend: { show: false },
      tzDate: seconds => clock.toParts(seconds * 1000),
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 7 },
        ...(syncKey === undefined ? {} : { sync: { key: syncKey } }),
      },
      scales: {
        x: { range: () => xRange() },
        y: isLogarithmic ? logarithmic : { range: (_chart, _low, high) => [0, top ?? roomFor(high)] },
      },
      axes: [
        timeAxis(clock, hasTimes ?? false),
        valueAxis({ top, isLogarithmic, space: REM * (hasTimes ? 3 : 2) }),
      ],
      series: [{}, ...series.map(lineOf)],
      hooks: {
        setCursor: [({ cursor }) => onCursor?.(cursor.idx ?? null)],
      },
    },
    undefined,
    element,
  )
  keepFitting(chart, element)
  return chart
}

/** Keeps a chart as large as its element, and in the colours of the page. @param {uPlot} chart @param {HTMLElement} element */
export function keepFitting(chart, element) {
  charts.add(chart)
  const observer = new ResizeObserver(([entry]) => {
    if (entry) chart.setSize({ width: entry.contentRect.width, height: entry.contentRect.height })
  })
  observer.observe(element)
}

/**
 * @param {{ colour: string, isFilled?: boolean, isStepped?: boolean, isDashed?: boolean }} line
 * @returns {uPlot.Series}
 */
function lineOf({ colour: name, isFilled, isStepped, isDashed }) {
  return {
    stroke: () => colour(name),
    width: 1.5,
    points: { show: false },
    ...(isDashed ? { dash: [4, 4] } : {}),
    ...(isFilled ? { fill: () => colour(`${name}-fill`) } : {}),
    ...(isStepped && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
  }
}

/** @type {uPlot.Scale} */
const logarithmic = {
  distr: 3,
  range: (_chart, low, high) =>
    low === null || high === null ? [0.1, 10] : uPlot.rangeLog(low, high, 10, true),
}

/** @param {number} low @param {number} high */
function powersOfTen(low, high) {
  const first = Math.ceil(Math.log10(low) - 1e-9)
  const last = Math.floor(Math.log10(high) + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
}

/** The end of a scale: a little above the highest value. @param {number | null} high */
export function roomFor(high) {
  // 10 without values: the scale then has whole numbers, as most charts show counts.
  return high === null || high <= 0 ? 10 : high * 1.08
}

/** @param {Clock} clock @param {boolean} isShown @returns {uPlot.Axis} */
function timeAxis(clock, isShown) {
  return {
    show: isShown,
    font: FONT,
    stroke: () => colour('muted'),
    grid: { show: false },
    ticks: { show: false },
    size: REM * 1.5,
    gap: REM * 0.45,
    space: REM * 4.8,
    values: (_chart, splits, _axis, _space, stepSeconds) =>
      splits.map(seconds => writeTime(clock, seconds * 1000, stepSeconds)),
  }
}

/** @param {Clock} clock @param {number} atMs @param {number} stepSeconds */
function writeTime(clock, atMs, stepSeconds) {
  if (stepSeconds >= DAY_SECONDS) return clock.day(atMs)
  return stepSeconds < 60 ? clock.timeOfDay(atMs) : clock.minuteOfDay(atMs)
}

/**
 * @param {{ top?: number | undefined, isLogarithmic?: boolean | undefined, space: number }} options
 * @returns {uPlot.Axis}
 */
export function valueAxis({ top, isLogarithmic, space }) {
  return {
    show: top !== 1,
    font: FONT,
    stroke: () => colour('muted'),
    grid: { stroke: () => colour('line'), width: 1 },
    ticks: { show: false },
    size: REM * 2.5,
    gap: 4,
    space,
    // A logarithmic axis gives null for each value that it leaves out.
    values: (_chart, splits) => splits.map(split => (split === null ? null : scaleLabel(split))),
    ...(isLogarithmic ? { splits: (_chart, _axis, low, high) => powersOfTen(low, high) } : {}),
  }
}
