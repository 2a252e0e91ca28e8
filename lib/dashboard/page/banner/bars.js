/** @import { Entry } from './types.d.ts' */
import { colour } from '../charts.js'
import uPlot from '../uplot.js'

/** A bar that is narrower has no gap beside it. In CSS pixels. */
const LEAST_WITH_GAP = 6
const MOST_GAP = 5
const HATCH_PIXELS = 7

/**
 * Draws each value over the whole of its step, as a bar or as a line. Steps that fall on the same pixel are drawn as the
 * highest of them.
 * @param {() => readonly Entry[]} entries those of the chart, in its order
 * @param {object} options
 * @param {boolean} [options.isLine]
 * @param {boolean} [options.isOutlined]
 * @param {(entry: Entry) => number} [options.baseOf] where the bar of a step begins
 * @returns {uPlot.Series.PathBuilder}
 */
export function stepPaths(entries, { isLine = false, isOutlined = false, baseOf = () => 0 }) {
  return (chart, seriesIndex, first, last) => {
    const [fill, stroke] = [new Path2D(), new Path2D()]
    const columns = columnsOf(chart, entries(), seriesIndex, [first, last], { hasGaps: !isLine, baseOf })
    /** Where the line has come to: it goes on from there, unless there is a gap. @type {number | null} */
    let from = null
    for (const { left, right, top, bottom } of columns) {
      if (!isLine) fill.rect(left, top, right - left, bottom - top)
      if (isOutlined) stroke.rect(left, top, right - left, bottom - top)
      else if (from === left) stroke.lineTo(left, top)
      else stroke.moveTo(left, top)
      if (!isOutlined) stroke.lineTo(right, top)
      from = right
    }
    return isLine ? { stroke } : { stroke, fill }
  }
}

/**
 * @param {uPlot} chart
 * @param {readonly Entry[]} entries
 * @param {number} seriesIndex
 * @param {readonly [number, number]} span
 * @param {{ hasGaps: boolean, baseOf: (entry: Entry) => number }} options
 */
function columnsOf(chart, entries, seriesIndex, [first, last], { hasGaps, baseOf }) {
  /** @type {{ left: number, right: number, top: number, bottom: number }[]} */
  const columns = []
  const pixel = uPlot.pxRatio
  for (let index = first; index <= last; index++) {
    const [entry, value] = [entries[index], chart.data[seriesIndex]?.[index]]
    if (entry === undefined || value === null || value === undefined) continue
    const left = Math.round(chart.valToPos(entry.startMs / 1000, 'x', true))
    const end = Math.round(chart.valToPos(entry.endMs / 1000, 'x', true))
    const [top, bottom] = [value, baseOf(entry)].map(at => Math.round(chart.valToPos(at, 'y', true)))
    if (top === undefined || bottom === undefined) continue
    const gap = hasGaps ? gapOf(end - left, pixel) : 0
    const before = columns.at(-1)
    if (before?.left !== left) columns.push({ left, right: Math.max(end - gap, left + 1), top, bottom })
    else if (top < before.top) Object.assign(before, { top, bottom })
  }
  return columns
}

/** In pixels of the canvas. @param {number} width @param {number} pixel how many of them a CSS pixel has */
function gapOf(width, pixel) {
  if (width < LEAST_WITH_GAP * pixel) return 0
  return Math.round(Math.min(MOST_GAP * pixel, Math.max(pixel, width * 0.14)))
}

/** Slanted lines: what is drawn with them is not finished. @param {uPlot} chart */
export function hatch({ ctx }) {
  const size = Math.round(HATCH_PIXELS * uPlot.pxRatio)
  const tile = document.createElement('canvas')
  tile.width = size
  tile.height = size
  const lines = /** @type {CanvasRenderingContext2D} */ (tile.getContext('2d'))
  lines.strokeStyle = colour('one')
  lines.lineWidth = uPlot.pxRatio
  // Beyond the corners too, so that tiles meet without a notch.
  for (const shift of [-size, 0, size]) {
    lines.moveTo(shift - 1, size + 1)
    lines.lineTo(shift + size + 1, -1)
  }
  lines.stroke()
  return ctx.createPattern(tile, 'repeat') ?? colour('one-fill')
}
