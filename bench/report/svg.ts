/** What charts have in common: small SVG files that can be read on light and on dark pages. */

export const WIDTH = 720
export const MARGIN = 16
export const SERIES_COLORS = ['series-0', 'series-1', 'series-2', 'series-3'] as const

/** The colours follow the scheme of the page that shows the chart. A chart has no background of its own. */
const STYLE = `text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600 } .note { fill: #57606a }
.axis { stroke: #8c959f } .series-0 { --c: #0969da } .series-1 { --c: #bc4c00 } .series-2 { --c: #1a7f37 } .series-3 { --c: #8250df }
rect { fill: var(--c) } polyline { fill: none; stroke: var(--c); stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .note { fill: #9198a1 } .axis { stroke: #656c76 }
.series-0 { --c: #4493f8 } .series-1 { --c: #db6d28 } .series-2 { --c: #3fb950 } .series-3 { --c: #ab7df8 } }`

export function svg(title: string, height: number, content: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
${text(MARGIN, 24, title, 'class="title"')}
${content.join('\n')}
</svg>
`
}

export function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escapeXml(content)}</text>`
}

/** Three digits that count, without an exponent. */
export function label(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toFixed(Math.min(3, digits))
}

/** Tenths of a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
