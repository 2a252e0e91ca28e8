import type pg from 'pg'
import { addClicks, type Pace } from '../../db/history/add-clicks.ts'
import type { HistoryState } from '../../db/history/history-state.ts'
import type { StoredItem } from '../messages.ts'
import { type ByClass, grossOf, minus, plus } from '../rows/classes.ts'
import type { KeyedBulk } from '../rows/keyed-bulk.ts'
import { clicksOf, rowsOfBulks } from '../rows/keyed-bulks.ts'
import { mergeRows, type Rows } from '../rows/rows.ts'
import { type Adder, addBulkKeys, type BulkFates, type IsExpired, NO_BULKS } from './bulk-keys.ts'
import { settleLedger } from './ledger.ts'
import { notCounted } from './store-transaction.ts'

/** What one transaction stores. */
export interface Contents {
  readonly rows: Rows
  readonly keyed: readonly KeyedBulk[]
  /** Of all of it. The ledger was moved by so many. */
  readonly totals: ByClass<number>
}

/** How it is stored. */
interface Adding {
  readonly adder: Adder
  readonly isExpired: IsExpired
  readonly history: HistoryState
  readonly pace: Pace
}

/**
 * Adds the rows, and those of keyed bulks that count, behind the ledger's step. Every writer takes ledger, keys and rows
 * in this order: swapped, two writers could wait for each other.
 */
export async function addContents(
  client: pg.ClientBase,
  { rows, keyed, totals }: Contents,
  { adder, isExpired, history, pace }: Adding,
): Promise<Omit<StoredItem, 'lostClicks' | 'damaged'>> {
  const fates = keyed.length === 0 ? NO_BULKS : await addBulkKeys(client, keyed, adder, isExpired)
  const notStored = await settle(client, adder, fates)
  const all = fates.counted.length === 0 ? rows : mergeRows(rows, rowsOfBulks(fates.counted))
  const withoutMinutes = await addClicks(client, all, history, pace)
  const clicks = grossOf(minus(totals, notStored))
  return { rows: all.bannerIds.length, clicks, withoutMinutes, ...notCounted(fates) }
}

/** Takes what is not stored out of the ledger's sums. Resolves with so many clicks. */
async function settle(
  client: pg.ClientBase,
  { writer }: Adder,
  { repeated, conflicts, expired }: BulkFates,
): Promise<ByClass<number>> {
  const [ofRepeated, ofConflicts] = [clicksOf(repeated), clicksOf(conflicts)]
  const all = plus(plus(ofRepeated, ofConflicts), clicksOf(expired))
  if (grossOf(all) > 0)
    await settleLedger(client, writer, {
      all,
      repeated: grossOf(ofRepeated),
      conflicts: grossOf(ofConflicts),
    })
  return all
}
