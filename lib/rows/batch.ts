import { type Rows, totalClicks } from './rows.ts'

/**
 * What one transaction writes: the clicks of one generation, or of several that waited together, under the
 * number of the newest. Ascending by banner, then minute, each pair once: concurrent writers then take
 * their row locks in one order and cannot deadlock, and one INSERT never meets the same key twice.
 *
 * From its first try on a batch is frozen: same key, same clicks, until it is stored. Main keeps it, and hands
 * a copy to the flush worker, which may die over it: memory they shared would live until both have collected
 * their garbage, and main hardly ever has any.
 */
export interface Batch extends Rows {
  readonly kind: 'batch'
  /** The oldest generation in it. */
  readonly firstGeneration: number
  /** With the writer's id this is the exactly-once key. */
  readonly generation: number
  readonly totalClicks: number
}

export function batchOf(generation: number, rows: Rows): Batch {
  return {
    kind: 'batch',
    firstGeneration: generation,
    generation,
    totalClicks: totalClicks(rows),
    ...rows,
  }
}

/** Bytes a batch of this many rows holds in memory. */
export function batchBytes(batch: Batch): number {
  return batch.bannerIds.byteLength + batch.minutes.byteLength + batch.clicks.byteLength
}

/** Gives its memory back now; it has no rows from then on. */
export function discard({ bannerIds, minutes, clicks }: Batch): void {
  for (const { buffer } of [bannerIds, minutes, clicks]) buffer.transfer(0)
}

/** Sums two batches that were never tried into one under the newer generation. Both stay as they are. */
export function mergeBatches(older: Batch, newer: Batch): Batch {
  const most = older.bannerIds.length + newer.bannerIds.length
  const bannerIds = new Int32Array(most)
  const minutes = new Int32Array(most)
  const clicks = new Float64Array(most)
  let rows = 0
  let o = 0
  let n = 0
  while (o < older.bannerIds.length || n < newer.bannerIds.length) {
    const order = compareRows(older, o, newer, n)
    const [from, row] = order <= 0 ? [older, o] : [newer, n]
    bannerIds[rows] = from.bannerIds[row]!
    minutes[rows] = from.minutes[row]!
    clicks[rows] = from.clicks[row]! + (order === 0 ? newer.clicks[n]! : 0)
    if (order <= 0) o++
    if (order >= 0) n++
    rows++
  }
  return {
    kind: 'batch',
    firstGeneration: older.firstGeneration,
    generation: newer.generation,
    totalClicks: older.totalClicks + newer.totalClicks,
    bannerIds: new Int32Array(bannerIds.buffer.transfer(4 * rows)),
    minutes: new Int32Array(minutes.buffer.transfer(4 * rows)),
    clicks: new Float64Array(clicks.buffer.transfer(8 * rows)),
  }
}

/** Negative: the older batch's row comes first. A batch that has no such row comes last. */
function compareRows(older: Batch, o: number, newer: Batch, n: number): number {
  if (o === older.bannerIds.length) return 1
  if (n === newer.bannerIds.length) return -1
  return older.bannerIds[o]! - newer.bannerIds[n]! || older.minutes[o]! - newer.minutes[n]!
}
