import type { BulkEntry } from './bulk-entry.ts'
import type { CountingFate } from './ruling.ts'

/** What becomes of a bulk. */
export interface BulkRuling {
  /** Place of the first entry whose banner is refused; then nothing of the bulk counts. null: none is. */
  readonly firstUnknown: number | null
  /** Those that count. */
  readonly counted: readonly BulkEntry[]
  /** Clicks of banners that are not active. They do not count, and are not refused either. */
  readonly inactiveClicks: number
}

/** Rules on 1 … MAX_ENTRIES sound entries. `fateOf`: of clicks of one banner that come by /counter. */
export function rulingOnBulk(
  entries: readonly BulkEntry[],
  fateOf: (bannerId: number) => CountingFate,
): BulkRuling {
  const counted: BulkEntry[] = []
  let inactiveClicks = 0
  for (let nth = 0; nth < entries.length; nth++) {
    const entry = entries[nth]!
    const fate = fateOf(entry.id)
    if (fate === 'unknown') return { firstUnknown: nth, counted: [], inactiveClicks: 0 }
    if (fate === 'inactive') inactiveClicks += entry.count ?? 1
    else counted.push(entry)
  }
  return { firstUnknown: null, counted, inactiveClicks }
}
