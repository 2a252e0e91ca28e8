/** @import { Step } from './types.d.ts' */
import { count } from '../format.js'

const SVG = 'http://www.w3.org/2000/svg'
const WIDTH = 100
const HEIGHT = 24
/** Room for the line's own width. */
const EDGE = 1.5
const DAYS = 7

/**
 * A line of the last seven days. Where the last one is cut, the line to it is broken.
 * @param {readonly Step[]} stats by day, none left out. The first may be a part of a day: it is not drawn
 * @param {string} cut when the last day ends, such as 15:00; '': it is whole
 */
export function sparkline(stats, cut) {
  const values = stats.slice(-DAYS).map(({ v }) => v)
  const most = Math.max(1, ...values)
  const points = values.map((value, index) => {
    const x = (index / (DAYS - 1)) * WIDTH
    return `${x.toFixed(1)},${(HEIGHT - EDGE - (value / most) * (HEIGHT - 2 * EDGE)).toFixed(1)}`
  })
  const words = values.map(count)
  const last = cut === '' ? `, ${words.at(-1)}` : `; until ${cut} ${words.at(-1)}`
  const label = `By day: ${words.slice(0, -1).join(', ')}${last}`
  const svg = element('svg', {
    class: 'spark',
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': label,
  })
  const whole = cut === '' ? points : points.slice(0, -1)
  svg.append(element('polyline', { points: whole.join(' ') }))
  if (cut !== '') svg.append(element('polyline', { points: points.slice(-2).join(' '), class: 'running' }))
  return svg
}

/** @param {string} name @param {Readonly<Record<string, string>>} attributes */
function element(name, attributes) {
  const made = document.createElementNS(SVG, name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  return made
}
