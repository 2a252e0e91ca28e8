import type { EndedWriter, FilesUnit } from '../../lib/journal/files/item.ts'
import type { Journal } from '../../lib/journal/keep/keeper.ts'
import { NO_CLICKS } from '../../lib/rows/classes.ts'

/** A journal that writes and removes nothing, for tests of memory alone. `left`: what earlier processes left. */
export function noJournal(parts: Partial<Journal> = {}, left: (FilesUnit | EndedWriter)[] = []): Journal {
  let database: string | null = null
  return {
    recover: () => {},
    get database() {
      return database
    },
    meet(met) {
      database = met
      return left
    },
    isUnmet: false,
    asideFiles: 0,
    asideBulkFiles: 0,
    waiting: [],
    keptGenerations: new Map(),
    compared: () => {},
    takeBack: () => ({ items: [], isWhole: true }),
    limitKept: () => {},
    ownEnd: () => ({ kind: 'writer', writer: '00000000-0000-4000-8000-000000000000', totals: NO_CLICKS }),
    spill: batch => batch,
    grown: () => {},
    leaveToNewer: () => {},
    hasClicks: () => true,
    startedAtMs: () => 0,
    stored: () => {},
    setAside: () => true,
    setBulksAside: () => true,
    measure: () => 0,
    ...parts,
  }
}

/** A thread's part of the journal that writes nothing. */
export const noSegment = { append: () => {}, close: () => {} }
