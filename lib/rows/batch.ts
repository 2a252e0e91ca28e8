import { type ByClass, plus } from './classes.ts'
import { mergeRows, type Rows, totalsOf } from './rows.ts'

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
  /** The clicks of all rows. */
  readonly totals: ByClass<number>
}

export function batchOf(generation: number, rows: Rows): Batch {
  return {
    kind: 'batch',
    firstGeneration: generation,
    generation,
    totals: totalsOf(rows),
    ...rows,
  }
}

/** Sums two batches that were never tried into one under the newer generation. Both stay as they are. */
export function mergeBatches(older: Batch, newer: Batch): Batch {
  return {
    ...newer,
    ...mergeRows(older, newer),
    firstGeneration: older.firstGeneration,
    totals: plus(older.totals, newer.totals),
  }
}
