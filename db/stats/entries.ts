import type { Digits } from './digits.ts'

/** Entries of one page: half a millisecond's work of whoever writes them. */
const PAGE_ENTRIES = 2000

/** Some entries, ascending, in columns of one length. */
export interface Entries {
  /** Where the steps begin, in minutes since the epoch. The first may begin before the range. */
  readonly starts: readonly number[]
  /** Valid clicks. */
  readonly totals: readonly Digits[]
  readonly bots: readonly Digits[]
  readonly duplicates: readonly Digits[]
}

/** Entries as Postgres packs them: lists of numbers with commas. A step is the number of its start, from 1. */
export interface PackedEntries {
  readonly entrySteps: string
  readonly entryTotals: string
  readonly entryBots: string
  readonly entryDuplicates: string
}

/**
 * The entries in pages, each unpacked when it is asked for: no thread is busy with all of them at once. `packed` is
 * undefined where nothing was clicked.
 */
export function* unpacked(
  packed: PackedEntries | undefined,
  starts: readonly number[],
  isFilled: boolean,
): Generator<Entries, void> {
  const pages = pagesOf(packed, starts)
  if (isFilled) yield* filled(pages, starts)
  else yield* pages
}

function* pagesOf(packed: PackedEntries | undefined, starts: readonly number[]): Generator<Entries, void> {
  if (packed === undefined) return
  const { entrySteps, entryTotals, entryBots, entryDuplicates } = packed
  const lists = [entrySteps, entryTotals, entryBots, entryDuplicates].map(inPages)
  for (;;) {
    const [steps, totals, bots, duplicates] = lists.map(list => list.next().value)
    if (!steps || !totals || !bots || !duplicates) return
    yield { starts: steps.map(step => starts[Number(step) - 1]!), totals, bots, duplicates }
  }
}

/** Cuts a list at every so many commas. */
function* inPages(list: string): Generator<Digits[], void> {
  for (let from = 0; from < list.length; ) {
    let to = from - 1
    for (let entries = 0; entries < PAGE_ENTRIES && to < list.length; entries++) {
      const comma = list.indexOf(',', to + 1)
      to = comma === -1 ? list.length : comma
    }
    yield list.slice(from, to).split(',')
    from = to + 1
  }
}

/** Pages with every step: those without clicks have zeros. */
function* filled(pages: Iterator<Entries, void>, starts: readonly number[]): Generator<Entries, void> {
  let page = pages.next().value
  let row = 0
  for (let first = 0; first < starts.length; first += PAGE_ENTRIES) {
    const entries = zeros(starts.slice(first, first + PAGE_ENTRIES))
    for (let nth = 0; page && nth < entries.starts.length; nth++) {
      if (page.starts[row] !== entries.starts[nth]) continue
      entries.totals[nth] = page.totals[row]!
      entries.bots[nth] = page.bots[row]!
      entries.duplicates[nth] = page.duplicates[row]!
      row++
      if (row < page.starts.length) continue
      page = pages.next().value
      row = 0
    }
    yield entries
  }
}

function zeros(starts: readonly number[]) {
  const column = () => Array<Digits>(starts.length).fill('0')
  return { starts, totals: column(), bots: column(), duplicates: column() }
}
