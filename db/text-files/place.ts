import { ClickCounterError } from '../../lib/base/errors.ts'

/** The longest entry, in bytes. The longest one that is right has a tenth of that. */
export const MAX_ENTRY_BYTES = 65_536

/** Where something stands in a file, as people count. */
export interface Place {
  /** The number of the line on which it begins, from 1. A line ends with a line feed. */
  readonly line: number
  /** The number in the array, from 1; null where a line has one entry at most. */
  readonly entry: number | null
}

/** A ClickCounterError (IMPORT_INVALID) that names the place. */
export function invalidEntry(place: Place, fault: string): ClickCounterError {
  return new ClickCounterError('IMPORT_INVALID', `${describePlace(place)}: ${fault}`)
}

export function describePlace({ line, entry }: Place): string {
  return entry === null ? `line ${line}` : `line ${line}, entry ${entry}`
}

export function tooLong(place: Place): ClickCounterError {
  return invalidEntry(place, `it has more than ${MAX_ENTRY_BYTES} bytes, which none needs`)
}

export function notUtf8(place: Place): ClickCounterError {
  return invalidEntry(place, 'it is not in UTF-8: save the file with that encoding')
}
