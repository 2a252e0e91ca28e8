import { COLUMNS, type Column, valueOfCell } from '../../../lib/banners/banner-cells.ts'
import { listed } from '../../../lib/config/wording.ts'
import { expectCells, namedColumns } from '../../text-files/csv-columns.ts'
import { type CsvRecord, csvRecords } from '../../text-files/csv-records.ts'
import { invalidEntry } from '../../text-files/place.ts'
import type { Entries, Entry } from './entry.ts'

const HEADER_RULE = `a file in CSV begins with a line of column names, separated by commas: id and name, and any of ${listed(COLUMNS.slice(2))}`

/** A line of column names, in any order, then a banner on each line. Lines without text are passed over. */
export async function* readCsv(chunks: AsyncIterable<Buffer>): Entries {
  let columns: readonly Column[] | null = null
  const entriesOf = function* (records: Iterable<CsvRecord>): Generator<Entry, void> {
    for (const record of records)
      if (columns === null) columns = columnsOf(record)
      else if (record.cells.some(cell => cell !== ''))
        yield { place: record.place, body: bodyOf(columns, record) }
  }
  for await (const records of csvRecords(chunks, COLUMNS.length)) yield entriesOf(records)
  if (columns === null) throw invalidEntry({ line: 1, entry: null }, HEADER_RULE)
}

function columnsOf(record: CsvRecord): Column[] {
  const columns = namedColumns(record, COLUMNS, HEADER_RULE)
  if (!columns.includes('id') || !columns.includes('name')) throw invalidEntry(record.place, HEADER_RULE)
  return columns
}

function bodyOf(columns: readonly Column[], record: CsvRecord): unknown {
  expectCells(record, columns)
  const values = columns.map((column, index) => [column, valueOfCell(column, record.cells[index]!)] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}
