import { CsvError, parse } from 'csv-parse'
import { ClickCounterError } from '../../lib/base/errors.ts'
import { invalidEntry, MAX_ENTRY_BYTES, type Place, tooLong } from './place.ts'
import { textBlocks } from './text-blocks.ts'

export const CELL_RULE = 'a cell with a comma or a quote stands in quotes as a whole'

/** A record, and where it begins. */
export interface CsvRecord {
  readonly place: Place
  readonly cells: readonly string[]
}

/**
 * The records of a file in CSV as they come, some at a time. They are taken one by one, and to their end before more
 * come: a fault is thrown behind the records in front of it, which may be wrong as well. Empty lines are passed over.
 * Throws a ClickCounterError (IMPORT_INVALID) for what is no CSV, not in UTF-8, too long, or has more than `maxCells`.
 */
export async function* csvRecords(
  chunks: AsyncIterable<Buffer>,
  maxCells: number,
): AsyncGenerator<Iterable<CsvRecord>, void> {
  const records = new Records(maxCells)
  let fault: ClickCounterError | null = null
  try {
    for await (const { text } of textBlocks(chunks)) {
      await records.push(text)
      yield records.take()
    }
  } catch (error) {
    if (!(error instanceof ClickCounterError)) throw error
    fault = error
  }
  // Also before a fault of the text is told: the parser holds the last bytes in front of it back.
  await records.end()
  yield records.take()
  if (fault !== null) throw fault
}

class TooManyCells extends Error {}

/** Cuts text into records, as csv-parse finds them. */
class Records {
  readonly #maxCells: number
  #found: CsvRecord[] = []
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
      if (index < this.#maxCells) return cell
      throw new TooManyCells()
    },
    on_record: (cells: string[], { lines, empty_lines }) => {
      this.#found.push({ place: this.#placeOfNext(empty_lines), cells })
      this.#last = { lines, emptyLines: empty_lines }
      // It is not for the parser's own stream, which nobody reads.
      return null
    },
  })

  constructor(maxCells: number) {
    this.#maxCells = maxCells
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
  *take(): Generator<CsvRecord, void> {
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
      return invalidEntry(place, `it has more than ${this.#maxCells} cells: ${CELL_RULE}`)
    if (!(error instanceof CsvError)) return error
    if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(place)
    return invalidEntry(place, `its quotes are wrong: ${CELL_RULE}, and a quote in it is written twice`)
  }
}
