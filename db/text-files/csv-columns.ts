import { didYouMean } from '../../lib/base/nearest.ts'
import { quote } from '../../lib/config/wording.ts'
import { CELL_RULE, type CsvRecord } from './csv-records.ts'
import { invalidEntry } from './place.ts'

/**
 * The columns that the first record of a file names, in its order. Throws a ClickCounterError (IMPORT_INVALID) for one
 * that is not among `known`, with `rule`, which says what the first line must be, and for one that is there twice.
 */
export function namedColumns<Column extends string>(
  { cells, place }: CsvRecord,
  known: readonly Column[],
  rule: string,
): Column[] {
  const columns = cells.map(name => {
    const column = known.find(column => column === name.trim())
    if (column !== undefined) return column
    const fault = name.includes(';')
      ? 'has semicolons between its columns'
      : `is no column${didYouMean(name, known)}`
    throw invalidEntry(place, `${quote(name)} ${fault}: ${rule}`)
  })
  const repeated = columns.find((column, index) => columns.indexOf(column) < index)
  if (repeated !== undefined) throw invalidEntry(place, `the column ${repeated} is there twice`)
  return columns
}

/** Throws a ClickCounterError (IMPORT_INVALID) when a record has not a cell for each column. */
export function expectCells({ cells, place }: CsvRecord, columns: readonly string[]): void {
  if (cells.length === columns.length) return
  throw invalidEntry(
    place,
    `it has ${cells.length} cells, and the first line names ${columns.length} columns: ${CELL_RULE}`,
  )
}
