/** A line for each row, under a line of titles, in columns. Empty when there is no row. */
export function textTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const lines = [titles, ...rows]
  const widths = titles.map((_, column) => Math.max(...lines.map(line => line[column]!.length)))
  return lines
    .map(
      line =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
