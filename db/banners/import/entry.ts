import { invalidEntry, type Place } from '../../text-files/place.ts'

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

/** The value that a text in JSON has. Throws a ClickCounterError (IMPORT_INVALID). */
export function parseEntry(place: Place, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidEntry(place, 'it is not JSON: a banner is of the form {"id":7,"name":"Autumn sale"}')
  }
}
