/** A program that splits cells elsewhere, such as at semicolons, keeps what is in quotes together. */
const NEEDS_QUOTES = /[",;\t]/

/** A line of CSV, as RFC 4180 has it. No cell has a line break in it. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

export function csvCell(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
