import { label, MARGIN, round, SERIES_COLORS, svg, text, WIDTH } from './svg.ts'

const ROW = 26
const TOP = 40
const BARS_START = 290
const VALUE_SPACE = 70

/** Horizontal bars from 0, one below the other, each with its value. Returns SVG. */
export function barChart(
  title: string,
  bars: readonly { readonly label: string; readonly value: number }[],
): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)
  const space = WIDTH - BARS_START - VALUE_SPACE - MARGIN
  const rows = bars.flatMap(({ label: name, value }, index) => {
    const y = TOP + index * ROW
    const width = (space * value) / most
    return [
      text(BARS_START - 8, y + 15, name, 'text-anchor="end"'),
      `<rect class="${SERIES_COLORS[0]}" x="${BARS_START}" y="${y + 2}" width="${round(width)}" height="${ROW - 8}"/>`,
      text(BARS_START + width + 6, y + 15, label(value)),
    ]
  })
  return svg(title, TOP + bars.length * ROW + MARGIN, rows)
}
