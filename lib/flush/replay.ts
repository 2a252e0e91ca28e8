import { readClicks } from '../books/balance.ts'
import type { ServiceBooks } from '../books/service-books.ts'
import type { EndedWriter, FilesUnit } from '../journal/files/item.ts'
import type { Journal } from '../journal/keep/keeper.ts'
import type { KeptItem } from '../journal/keep/kept.ts'
import { UNIT_BYTES } from '../journal/keep/recovery.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { LedgerStand } from '../messages.ts'
import { type ByClass, byClass, grossOf, minus, NO_CLICKS, plus } from '../rows/classes.ts'
import { NOTHING_SETTLED, plusSettled, type Settled } from '../rows/settled.ts'
import type { LedgerReport } from './ledger-report.ts'

interface ReplayOptions {
  readonly memory: SharedMemory
  readonly books: ServiceBooks
  readonly ledgerReport: LedgerReport
  readonly journal: Journal
}

/** Finds what a database that went back has lost, so that it is stored again. */
export class Replay {
  readonly #options: ReplayOptions

  constructor(options: ReplayOptions) {
    this.#options = options
  }

  /**
   * For this process, whose ledger stood at `expected`. Books as lost what nobody can store again. Returns
   * what is to be stored again, in order, and the clicks in it that were put aside as expired.
   */
  ofOwn(stand: LedgerStand, expected: number): { units: FilesUnit[]; expired: number } {
    const { memory, books, journal, ledgerReport } = this.#options
    const { items } = journal.takeBack(stand.writer, stand.generation)
    ledgerReport.wentBack(stand, expected, items)
    const kept = items.reduce(
      (sum, { settled }) => plusSettled(sum, settled ?? NOTHING_SETTLED),
      NOTHING_SETTLED,
    )
    // What this process has stored, less what the ledger still has of that.
    const missingClicks = minus(readClicks(memory, 'stored'), stand.clicks)
    const lostClicks = byClass(of => Math.max(0, missingClicks[of] - kept.stored[of]))
    books.wentBack(kept, lostClicks)
    if (grossOf(lostClicks) > 0) ledgerReport.lost(grossOf(lostClicks))
    return { units: replayUnits(items), expired: grossOf(kept.expired) }
  }

  /**
   * For an earlier process, whose clicks are not in the books. Returns what is to be stored again, in order.
   */
  ofEarlier(stand: LedgerStand): (FilesUnit | EndedWriter)[] {
    const { journal, ledgerReport } = this.#options
    // Before the files are taken back: from then on they are not among the kept ones.
    const expected = journal.keptGenerations.get(stand.writer)!
    const { items, isWhole } = journal.takeBack(stand.writer, stand.generation)
    ledgerReport.wentBack(stand, expected, items)
    if (!isWhole) ledgerReport.mayBeLost(stand)
    // The writer may have ended before. It ends again once all of it is stored.
    return [...replayUnits(items), { kind: 'writer', writer: stand.writer, totals: NO_CLICKS }]
  }
}

/** Items of one writer, ascending by generation, as few transactions, in order. */
function replayUnits(items: readonly KeptItem[]): FilesUnit[] {
  const units: FilesUnit[] = []
  let roomBytes = 0
  for (const { writer, generation, names, bytes, settled } of items) {
    const last = bytes <= roomBytes ? units.pop() : undefined
    if (last === undefined) roomBytes = UNIT_BYTES
    roomBytes -= bytes
    units.push({
      kind: 'files',
      writer,
      generation,
      names: [...(last?.names ?? []), ...names],
      isOwn: settled !== null,
      isAdopted: false,
      totals: plus(last?.totals ?? NO_CLICKS, settled === null ? NO_CLICKS : inFiles(settled)),
    })
  }
  return units
}

function inFiles({ stored, repeated, conflicts, expired }: Settled): ByClass<number> {
  return plus(plus(stored, repeated), plus(conflicts, expired))
}
