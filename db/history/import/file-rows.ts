import { VALID } from '../../../lib/rows/classes.ts'
import type { Rows } from '../../../lib/rows/rows.ts'
import { Sums } from '../../../lib/rows/sums.ts'
import { invalidEntry, type Place } from '../../text-files/place.ts'
import type { Grain } from './grain.ts'

/** Lines of one file. With them the command takes some 400 MiB. */
export const MAX_ROWS = 2 ** 21

/** What a line says. */
export interface FileRow {
  readonly bannerId: number
  /** The first minute of its minute, hour or day, since the epoch. */
  readonly minute: number
  readonly clicks: number
}

/** The checked rows of a file, and on which line each is. Each banner has each time once. */
export class FileRows {
  /** It keeps its rows in the order in which they came, so `#lines` goes along. */
  readonly #sums = new Sums()
  #lines = new Uint32Array(1024)

  get count(): number {
    return this.#sums.rowCount
  }

  get clicks(): number {
    return this.#sums.totals[VALID]!
  }

  /** Throws a ClickCounterError (IMPORT_INVALID) when a line before has the same banner and time, or there are too many. */
  add({ bannerId, minute, clicks }: FileRow, grain: Grain, place: Place): void {
    const row = this.count
    if (row === MAX_ROWS)
      throw invalidEntry(place, `a file has ${MAX_ROWS} lines of clicks at most: cut it into several`)
    this.#sums.add(minute, bannerId, VALID, clicks)
    if (this.count === row) {
      const line = this.#lineOf(bannerId, minute)
      throw invalidEntry(
        place,
        `line ${line} has this ${grain} of banner ${bannerId} already: add the two up`,
      )
    }
    if (row === this.#lines.length) this.#growLines()
    this.#lines[row] = place.line
  }

  /** The minutes of the earliest and the latest row. There is one. */
  span(): { readonly first: number; readonly last: number } {
    const minutes = this.#sums.minutes.subarray(0, this.count)
    return {
      first: minutes.reduce((least, minute) => Math.min(least, minute)),
      last: minutes.reduce((most, minute) => Math.max(most, minute)),
    }
  }

  /** The first row of the file that begins after the minute; null: none does. */
  firstAfter(limit: number): { readonly line: number; readonly minute: number } | null {
    const row = this.#sums.minutes.subarray(0, this.count).findIndex(minute => minute > limit)
    return row < 0 ? null : { line: this.#lines[row]!, minute: this.#sums.minutes[row]! }
  }

  /** Ascending by banner, then time. */
  rows(): Rows {
    return this.#sums.rows()
  }

  #lineOf(bannerId: number, minute: number): number {
    const { bannerIds, minutes } = this.#sums
    return this.#lines[bannerIds.findIndex((id, row) => id === bannerId && minutes[row] === minute)]!
  }

  #growLines(): void {
    const lines = this.#lines
    this.#lines = new Uint32Array(2 * lines.length)
    this.#lines.set(lines)
  }
}
