import { ClickCounterError } from '../../../lib/base/errors.ts'

/** The longest entry, in bytes. The longest one that is right has a tenth of that. */
export const MAX_ENTRY_BYTES = 65_536

/** Where something stands in a file, as people count. */
export interface Place {
  /** The number of the line on which it begins, from 1. A line ends with a line feed. */
  readonly line: number
  /** The number in the array, from 1; null where a line has one entry at most. */
  readonly entry: number | null
}

/** What a file says of one banner, in the form of HTTP. Nobody has checked it yet. */
export interface Entry {
  readonly place: Place
  readonly body: unknown
}

/**
 * Entries as they come, some at a time. They are read one by one, and to their end before more come: a fault is thrown
 * behind the entries in front of it, which may be wrong as well, and the first fault of a file is told.
 */
export type Entries = AsyncGenerator<Iterable<Entry>, void>

/** A ClickCounterError (IMPORT_INVALID) that names the place. */
export function invalidEntry(place: Place, fault: string): ClickCounterError {
  return new ClickCounterError('IMPORT_INVALID', `${describePlace(place)}: ${fault}`)
}

export function describePlace({ line, entry }: Place): string {
  return entry === null ? `line ${line}` : `line ${line}, entry ${entry}`
}

/** The value that a text in JSON has. Throws a ClickCounterError (IMPORT_INVALID). */
export function parseEntry(place: Place, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidEntry(place, 'it is not JSON: a banner is of the form {"id":7,"name":"Autumn sale"}')
  }
}

export function tooLong(place: Place): ClickCounterError {
  return invalidEntry(place, `it has more than ${MAX_ENTRY_BYTES} bytes, which no banner needs`)
}

export function notUtf8(place: Place): ClickCounterError {
  return invalidEntry(place, 'it is not in UTF-8: save the file with that encoding')
}
