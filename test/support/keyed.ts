import { createHash } from 'node:crypto'
import { type ClickClass, VALID } from '../../lib/rows/classes.ts'
import { type BulkPart, type KeyedBulk, keyedBulkOf } from '../../lib/rows/keyed-bulk.ts'

/** Banner id and clicks, alternating, by class. */
export type Pairs = readonly (readonly [clickClass: ClickClass, ...pairs: number[]])[]

/** A bulk with a key. Its fingerprint is that of its pairs, so that what differs in these differs in that. */
export function keyed(key: string, minute: number, pairs: Pairs): KeyedBulk {
  const fingerprint = createHash('sha256').update(JSON.stringify(pairs)).digest('hex').slice(0, 32)
  return keyedBulkOf({ key, fingerprint, minute, parts: pairs.map(partOf) })
}

/** Valid clicks of one banner. */
export function keyedClicks(key: string, minute: number, bannerId: number, clicks: number): KeyedBulk {
  return keyed(key, minute, [[VALID, bannerId, clicks]])
}

function partOf([clickClass, ...pairs]: Pairs[number]): BulkPart {
  const clicks = pairs.reduce((sum, word, at) => sum + (at % 2 === 1 ? word : 0), 0)
  return { clickClass, pairs: Int32Array.from(pairs), clicks }
}
