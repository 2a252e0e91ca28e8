import { CsvError, parse } from 'csv-parse'
import { COLUMNS, type Column, valueOfCell } from '../../../lib/banners/banner-cells.ts'
import { ClickCounterError } from '../../../lib/base/errors.ts'
import { nearest } from '../../../lib/base/nearest.ts'
import { listed, quote } from '../../../lib/config/wording.ts'
import { type Entries, type Entry, invalidEntry, MAX_ENTRY_BYTES, type Place, tooLong } from './entry.ts'
import { textBlocks } from './text-blocks.ts'

/** A line of column names, in any order, then a banner on each line. Lines without text are passed over. */
export async function* readCsv(chunks: AsyncIterable<Buffer>): Entries {
  const records = new Records()
  let columns: readonly Column[] | null = null
  const entriesOf = function* (found: Iterable<Found>): Generator<Entry, void> {
    for (const { place, cells } of found)
      if (columns === null) columns = columnsOf(cells, place)
      else if (cells.some(cell => cell !== '')) yield { place, body: bodyOf(columns, cells, place) }
  }
  let fault: ClickCounterError | null = null
  try {
    for await (const { text } of textBlocks(chunks)) {
      await records.push(text)
      yield entriesOf(records.take())
    }
  } catch (error) {
    if (!(error instanceof ClickCounterError)) throw error
    fault = error
  }
  // Also before a fault of the text is told: the parser holds the last bytes in front of it back.
  await records.end()
  yield entriesOf(records.take())
  if (fault !== null) throw fault
  if (columns === null) throw invalidEntry({ line: 1, entry: null }, HEADER_RULE)
}

/** A record, and where it begins. */
interface Found {
  readonly place: Place
  readonly cells: readonly string[]
}

class TooManyCells extends Error {}

/** Cuts text into records, as csv-parse finds them. */
class Records {
  #found: Found[] = []
  /** What is wrong behind them. */
  #fault: Error | null = null
  /** Where the record before ends. */
  #last = { lines: 0, emptyLines: 0 }
  readonly #parser = parse({
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    max_record_size: MAX_ENTRY_BYTES,
    cast: (cell, { index }) => {
      // Now, and not at the end of the record: a file of commas would grow to one without end.
      if (index < COLUMNS.length) return cell
      throw new TooManyCells()
    },
    on_record: (cells: string[], { lines, empty_lines }) => {
      this.#found.push({ place: this.#placeOfNext(empty_lines), cells })
      this.#last = { lines, emptyLines: empty_lines }
      // It is not for the parser's own stream, which nobody reads.
      return null
    },
  })

  constructor() {
    // Its errors come to the callbacks of push and end.
    this.#parser.on('error', () => {})
  }

  async push(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Error | null | undefined>()
    this.#parser.write(text, resolve)
    this.#note(await promise)
  }

  async end(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Error | null | undefined>()
    this.#parser.end(resolve)
    this.#note(await promise)
  }

  /** What was found since the last call. Throws behind it when the text goes on as no CSV. */
  *take(): Generator<Found, void> {
    const found = this.#found
    this.#found = []
    yield* found
    if (this.#fault !== null) throw this.#fault
  }

  /** csv-parse takes a CRLF in quotes for two lines. No right entry has one, so the first fault has the right number. */
  #placeOfNext(emptyLines: number): Place {
    return { line: this.#last.lines + 1 + emptyLines - this.#last.emptyLines, entry: null }
  }

  #note(error: Error | null | undefined): void {
    if (error) this.#fault = this.#explained(error)
  }

  #explained(error: Error): Error {
    const place = this.#placeOfNext(this.#parser.info.empty_lines)
    if (error instanceof TooManyCells)
      return invalidEntry(place, `it has more than ${COLUMNS.length} cells: ${CELL_RULE}`)
    if (!(error instanceof CsvError)) return error
    if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(place)
    return invalidEntry(place, `its quotes are wrong: ${CELL_RULE}, and a quote in it is written twice`)
  }
}

const CELL_RULE = 'a cell with a comma or a quote stands in quotes as a whole'
const HEADER_RULE = `a file in CSV begins with a line of column names, separated by commas: id and name, and any of ${listed(COLUMNS.slice(2))}`

function columnsOf(names: readonly string[], place: Place): Column[] {
  const columns = names.map(name => {
    const column = COLUMNS.find(column => column === name.trim())
    if (column !== undefined) return column
    const meant = nearest(name, COLUMNS)
    throw invalidEntry(
      place,
      `${quote(name)} is no column${meant === null ? '' : ` (did you mean ${meant}?)`}: ${HEADER_RULE}`,
    )
  })
  const repeated = columns.find((column, index) => columns.indexOf(column) < index)
  if (repeated !== undefined) throw invalidEntry(place, `the column ${repeated} is there twice`)
  if (!columns.includes('id') || !columns.includes('name')) throw invalidEntry(place, HEADER_RULE)
  return columns
}

function bodyOf(columns: readonly Column[], cells: readonly string[], place: Place): unknown {
  if (cells.length !== columns.length)
    throw invalidEntry(
      place,
      `it has ${cells.length} cells, and the first line names ${columns.length} columns: ${CELL_RULE}`,
    )
  const values = columns.map((column, index) => [column, valueOfCell(column, cells[index]!)] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}
