/** A Markdown table with numbers to the right, its columns aligned for reading as plain text. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = [head, ...rows].map(row => row.map(String))
  const widths = head.map((_, column) => Math.max(...cells.map(row => row[column]!.length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padStart(widths[column]!)).join(' | ')} |\n`
  const rule = `|${widths.map(width => `${'-'.repeat(width + 1)}:`).join('|')}|\n`
  return line(cells[0]!) + rule + cells.slice(1).map(line).join('')
}
