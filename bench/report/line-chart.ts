import { label, MARGIN, round, SERIES_COLORS, svg, text, WIDTH } from './svg.ts'

const HEIGHT = 280
const LEFT = 72
const TOP = 64
const BOTTOM = HEIGHT - 44
const RIGHT = WIDTH - MARGIN

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

/**
 * Lines over one horizontal axis. The vertical axis begins at 0, so that a line that looks flat is flat. Up
 * to four series. Returns SVG.
 */
export function lineChart(title: string, xName: string, yName: string, series: readonly Series[]): string {
  const points = series.flatMap(({ points }) => points)
  const [firstX, lastX] = [Math.min(...points.map(([x]) => x)), Math.max(...points.map(([x]) => x))]
  const most = Math.max(...points.map(([, y]) => y), Number.MIN_VALUE)
  const place = ([x, y]: readonly [number, number]) => {
    const across = lastX === firstX ? 0 : (x - firstX) / (lastX - firstX)
    return `${round(LEFT + across * (RIGHT - LEFT))},${round(BOTTOM - (y / most) * (BOTTOM - TOP))}`
  }
  return svg(title, HEIGHT, [
    `<path class="axis" d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}" fill="none"/>`,
    text(LEFT - 6, TOP + 5, label(most), 'text-anchor="end" class="note"'),
    text(LEFT - 6, BOTTOM + 5, '0', 'text-anchor="end" class="note"'),
    text(LEFT, BOTTOM + 18, label(firstX), 'class="note"'),
    text(RIGHT, BOTTOM + 18, label(lastX), 'text-anchor="end" class="note"'),
    text((LEFT + RIGHT) / 2, BOTTOM + 34, xName, 'text-anchor="middle" class="note"'),
    text(MARGIN, TOP - 18, yName, 'class="note"'),
    ...series.flatMap(({ name, points }, index) => [
      `<polyline class="${SERIES_COLORS[index]}" points="${points.map(place).join(' ')}"/>`,
      `<rect class="${SERIES_COLORS[index]}" x="${LEFT + 120 + index * 140}" y="${TOP - 28}" width="12" height="12"/>`,
      text(LEFT + 138 + index * 140, TOP - 18, name),
    ]),
  ])
}
