import type { BannerContent } from './banner.ts'
import { contentBody, SEPARATOR } from './banner-schema.ts'

/** The columns of CSV, in the order in which an export has them. */
export const COLUMNS = [
  'id',
  'name',
  'target',
  'campaign',
  'labels',
  'passQuery',
  'isActive',
  'activeFrom',
  'activeUntil',
] as const
export type Column = (typeof COLUMNS)[number]

/** What makes a spreadsheet take a cell for a formula, also behind apostrophes. The last four are the wide forms. */
const LIKE_A_FORMULA = /^'*[=+\-@＝＋－＠]/
const GUARDED = /^'+[=+\-@＝＋－＠]/

/** One cell for each of COLUMNS. `valueOfCell` makes the same banner of them again. */
export function cellsOf(banner: BannerContent & { readonly id: number }): string[] {
  const body = { id: banner.id, ...contentBody(banner) }
  return COLUMNS.map(column => {
    const value = body[column]
    return guarded(Array.isArray(value) ? value.join(SEPARATOR) : String(value ?? ''))
  })
}

/** What a cell says, in the form of HTTP, which nobody has checked yet. undefined: the default. */
export function valueOfCell(column: Column, cell: string): unknown {
  const text = unguarded(cell)
  if (text === '') return undefined
  switch (column) {
    case 'id':
      return /^\d+$/.test(text) ? Number(text) : text
    case 'labels':
    case 'passQuery':
      return text.split(SEPARATOR).map(entry => entry.trim())
    case 'isActive':
      return { true: true, false: false }[text.toLowerCase()] ?? text
    default:
      return text
  }
}

/** With an apostrophe in front, a spreadsheet shows the text and computes nothing. */
export function guarded(text: string): string {
  return LIKE_A_FORMULA.test(text) ? `'${text}` : text
}

function unguarded(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell
}
