import { type ByClass, NO_CLICKS, plus } from './classes.ts'
import type { KeyedBulk } from './keyed-bulk.ts'
import type { Rows } from './rows.ts'
import { Sums } from './sums.ts'

/** What a bulk takes in memory beside its pairs, about. */
const BULK_BYTES = 512

export function clicksOf(bulks: readonly KeyedBulk[]): ByClass<number> {
  return bulks.reduce((sum, { totals }) => plus(sum, totals), NO_CLICKS)
}

export function pairCountOf(bulks: readonly KeyedBulk[]): number {
  let pairs = 0
  for (const { parts } of bulks) for (const part of parts) pairs += part.pairs.length / 2
  return pairs
}

/** Bytes that bulks hold in memory. */
export function bulksBytes(bulks: readonly KeyedBulk[]): number {
  return bulks.length * BULK_BYTES + pairCountOf(bulks) * 8
}

/** The clicks of all bulks as rows. */
export function rowsOfBulks(bulks: readonly KeyedBulk[]): Rows {
  const sums = new Sums()
  for (const { minute, parts } of bulks)
    for (const { clickClass, pairs } of parts)
      for (let pair = 0; pair < pairs.length; pair += 2)
        sums.add(minute, pairs[pair]!, clickClass, pairs[pair + 1]!)
  return sums.rows()
}
