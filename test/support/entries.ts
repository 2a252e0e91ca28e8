import type { Digits } from '../../db/stats/digits.ts'
import type { Entries } from '../../db/stats/entries.ts'
import type { NumberList } from '../../db/stats/number-list.ts'

export type EntryRow = readonly [start: number, total: Digits, bots: Digits, duplicates: Digits]

/** What entries are, from the next one to the last. */
export function rowsOf(entries: Entries): EntryRow[] {
  const rows: EntryRow[] = []
  while (entries.next())
    rows.push([entries.start, present(entries.total), present(entries.bots), present(entries.duplicates)])
  return rows
}

function present({ digits, from, to }: NumberList): Digits {
  return digits.slice(from, to)
}
