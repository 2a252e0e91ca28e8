import { type ByClass, byClass, CLICK_CLASSES } from './classes.ts'

/** What is counted: a row for each banner and minute, ascending by banner, then minute, each pair once. */
export interface Rows {
  readonly bannerIds: Int32Array<ArrayBuffer>
  /** Minutes since the epoch. */
  readonly minutes: Int32Array<ArrayBuffer>
  /** A column for each class. Whole numbers up to 2^53. */
  readonly clicks: ByClass<Float64Array<ArrayBuffer>>
}

/** Rows of zeros, to be filled in. */
export function newRows(length: number): Rows {
  return {
    bannerIds: new Int32Array(length),
    minutes: new Int32Array(length),
    clicks: byClass(() => new Float64Array(length)),
  }
}

export const NO_ROWS: Rows = newRows(0)

/** The clicks of all rows, by class. */
export function totalsOf({ clicks }: Rows): ByClass<number> {
  return byClass(clickClass => clicks[clickClass].reduce((sum, count) => sum + count, 0))
}

/** Bytes that rows hold in memory. */
export function rowsBytes(rows: Rows): number {
  return columnsOf(rows).reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** Gives the memory back at once, not when garbage is collected. The rows must not be used afterwards. */
export function discardRows(rows: Rows): void {
  for (const { buffer } of columnsOf(rows)) buffer.transfer(0)
}

function columnsOf({ bannerIds, minutes, clicks }: Rows) {
  return [bannerIds, minutes, ...clicks]
}

/** The sums of `a` and `b`, as rows of their own. */
export function mergeRows(a: Rows, b: Rows): Rows {
  const merged = newRows(a.bannerIds.length + b.bannerIds.length)
  let length = 0
  let ofA = 0
  let ofB = 0
  while (ofA < a.bannerIds.length || ofB < b.bannerIds.length) {
    const order = compareRows(a, ofA, b, ofB)
    const [from, row] = order <= 0 ? [a, ofA] : [b, ofB]
    merged.bannerIds[length] = from.bannerIds[row]!
    merged.minutes[length] = from.minutes[row]!
    if (order <= 0) addCounts(merged, length, a, ofA++)
    if (order >= 0) addCounts(merged, length, b, ofB++)
    length++
  }
  return cutTo(merged, length)
}

/** Negative when the row of `a` comes first. A row behind the end of its rows comes last. */
function compareRows(a: Rows, ofA: number, b: Rows, ofB: number): number {
  if (ofA === a.bannerIds.length) return 1
  if (ofB === b.bannerIds.length) return -1
  return a.bannerIds[ofA]! - b.bannerIds[ofB]! || a.minutes[ofA]! - b.minutes[ofB]!
}

function addCounts(to: Rows, toRow: number, from: Rows, fromRow: number): void {
  for (const clickClass of CLICK_CLASSES) to.clicks[clickClass][toRow]! += from.clicks[clickClass][fromRow]!
}

/** Moves the first `length` rows into memory of their size. */
function cutTo({ bannerIds, minutes, clicks }: Rows, length: number): Rows {
  return {
    bannerIds: new Int32Array(bannerIds.buffer.transfer(4 * length)),
    minutes: new Int32Array(minutes.buffer.transfer(4 * length)),
    clicks: byClass(clickClass => new Float64Array(clicks[clickClass].buffer.transfer(8 * length))),
  }
}
