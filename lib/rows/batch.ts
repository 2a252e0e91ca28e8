import { type ByClass, plus } from './classes.ts'
import type { KeyedBulk } from './keyed-bulk.ts'
import { bulksBytes, clicksOf, pairCountOf } from './keyed-bulks.ts'
import { mergeRows, type Rows, rowsBytes, totalsOf } from './rows.ts'

/**
 * What one transaction writes: the rows of one generation, or of several that waited together, under the
 * number of the newest. Rows are ascending: concurrent writers lock them in the same order, and cannot
 * deadlock. Each pair of banner and minute is there once, so one INSERT never meets the same key twice.
 *
 * From its first try on, a batch is frozen: it has the same key and the same clicks until it is stored. Main
 * keeps it and hands a copy to the flush worker, which may die while it has it. The memory is not shared:
 * shared memory lives until both threads have collected their garbage, and main hardly ever has any.
 */
export interface Batch extends Rows {
  readonly kind: 'batch'
  /** The oldest generation in it. */
  readonly firstGeneration: number
  /** The newest generation in it. With the writer's id it is the exactly-once key. */
  readonly generation: number
  /**
   * In the order in which they were journaled. Their clicks are in no row: whether they count is only known when their
   * keys are added.
   */
  readonly keyed: readonly KeyedBulk[]
  /** The clicks of all rows and keyed bulks. */
  readonly totals: ByClass<number>
}

export function batchOf(generation: number, rows: Rows, keyed: readonly KeyedBulk[] = []): Batch {
  return {
    kind: 'batch',
    firstGeneration: generation,
    generation,
    totals: plus(totalsOf(rows), clicksOf(keyed)),
    keyed,
    ...rows,
  }
}

/** Bytes that a batch holds in memory. */
export function batchBytes(batch: Batch): number {
  return rowsBytes(batch) + bulksBytes(batch.keyed)
}

/** How many rows a batch writes at most. */
export function batchLength({ bannerIds, keyed }: Batch): number {
  return bannerIds.length + pairCountOf(keyed)
}

/** Sums two batches that were never tried into one under the newer generation. Both stay as they are. */
export function mergeBatches(older: Batch, newer: Batch): Batch {
  return {
    ...newer,
    ...mergeRows(older, newer),
    firstGeneration: older.firstGeneration,
    keyed: [...older.keyed, ...newer.keyed],
    totals: plus(older.totals, newer.totals),
  }
}
