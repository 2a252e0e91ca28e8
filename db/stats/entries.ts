import { NumberList } from './number-list.ts'

/** Entries, ascending. They are gone along one by one: an answer may have half a million of them. */
export interface Entries {
  /** Goes to the next entry. false: there is none. */
  next(): boolean
  /** Where the step begins, in minutes since the epoch. The first may begin before the range. */
  readonly start: number
  /** Valid clicks. */
  readonly total: NumberList
  readonly bots: NumberList
  readonly duplicates: NumberList
}

/** Entries as Postgres packs them: lists of numbers with commas, all of one length. */
export interface PackedEntries {
  /** Each is the number of its step, from 1. */
  readonly entrySteps: string
  readonly entryTotals: string
  readonly entryBots: string
  readonly entryDuplicates: string
}

const NOTHING: PackedEntries = { entrySteps: '', entryTotals: '', entryBots: '', entryDuplicates: '' }

/** `packed` is undefined where nothing was clicked. Filled entries are those of all starts. */
export function unpacked(
  packed: PackedEntries | undefined,
  starts: readonly number[],
  isFilled: boolean,
): Entries {
  const entries = new Unpacked(packed ?? NOTHING, starts)
  return isFilled ? new Filled(entries, starts) : entries
}

/** The same, of lists whose steps are minutes since the epoch. */
export function unpackedMinutes(packed: PackedEntries): Entries {
  return new Unpacked(packed, null)
}

class Unpacked implements Entries {
  start = 0
  readonly total: NumberList
  readonly bots: NumberList
  readonly duplicates: NumberList
  readonly #steps: NumberList
  readonly #starts: readonly number[] | null

  constructor(packed: PackedEntries, starts: readonly number[] | null) {
    this.#steps = new NumberList(packed.entrySteps)
    this.total = new NumberList(packed.entryTotals)
    this.bots = new NumberList(packed.entryBots)
    this.duplicates = new NumberList(packed.entryDuplicates)
    this.#starts = starts
  }

  next(): boolean {
    if (!this.#steps.next()) return false
    this.total.next()
    this.bots.next()
    this.duplicates.next()
    const step = this.#steps.value
    this.start = this.#starts === null ? step : this.#starts[step - 1]!
    return true
  }
}

/** An entry for each start: those without clicks have zeros. */
class Filled implements Entries {
  start = 0
  readonly #clicked: Entries
  readonly #starts: readonly number[]
  readonly #zero = zero()
  #nth = 0
  /** Whether there is an entry that was not reached yet, or is the present one. */
  #hasClicked: boolean
  #isClicked = false

  constructor(clicked: Entries, starts: readonly number[]) {
    this.#clicked = clicked
    this.#starts = starts
    this.#hasClicked = clicked.next()
  }

  next(): boolean {
    if (this.#isClicked) this.#hasClicked = this.#clicked.next()
    if (this.#nth === this.#starts.length) return false
    this.start = this.#starts[this.#nth++]!
    this.#isClicked = this.#hasClicked && this.#clicked.start === this.start
    return true
  }

  get total(): NumberList {
    return this.#isClicked ? this.#clicked.total : this.#zero
  }

  get bots(): NumberList {
    return this.#isClicked ? this.#clicked.bots : this.#zero
  }

  get duplicates(): NumberList {
    return this.#isClicked ? this.#clicked.duplicates : this.#zero
  }
}

function zero(): NumberList {
  const list = new NumberList('0')
  list.next()
  return list
}
