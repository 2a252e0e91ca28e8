import { createHash, type Hash } from 'node:crypto'
import { type Summand, sumUp } from '../../ingest/bulk.ts'
import { CLASSES } from '../../rows/classes.ts'
import { type BulkEntry, haveClasses } from './bulk-entry.ts'

/** More than the clicks of a bulk. */
const CLICKS_SPAN = 2 ** 20

/**
 * What tells the content of bulks apart: 128 bits, as 32 hexadecimal digits. It is of the entries as they were sent, in
 * any order, summed by banner and class. It is not of what became of them: when the same bulk comes again, another rule may
 * be in force, a banner may have ended, and its clicks would be duplicates of their own.
 */
export function fingerprintOf(entries: readonly BulkEntry[]): string {
  const hash = createHash('sha256')
  if (haveClasses(entries)) addByClass(hash, entries)
  else addSums(hash, 'valid', entries)
  return hash.digest('hex').slice(0, 32)
}

function addByClass(hash: Hash, entries: readonly BulkEntry[]): void {
  for (const name of CLASSES) {
    const own = entries.filter(({ class: of = 'valid', ip }) => of === name && ip === undefined)
    if (own.length > 0) addSums(hash, name, own)
  }
  const forwarded = entries.filter(({ ip }) => ip !== undefined)
  if (forwarded.length > 0) addForwarded(hash, forwarded)
}

/** A pair of banner and clicks is one number below 2^51, so that pairs are sorted as numbers. */
function addSums(hash: Hash, name: string, entries: readonly Summand[]): void {
  const { pairs } = sumUp(entries)
  const sums = new Float64Array(pairs.length / 2)
  for (let pair = 0; pair < sums.length; pair++)
    sums[pair] = pairs[2 * pair]! * CLICKS_SPAN + pairs[2 * pair + 1]!
  hash.update(`${name} ${sums.length}\n`).update(sums.sort())
}

function addForwarded(hash: Hash, entries: readonly BulkEntry[]): void {
  const lines = entries.map(({ id, ip, userAgent }) => JSON.stringify([id, ip, userAgent]))
  hash.update(`forwarded ${lines.length}\n`).update(lines.sort().join('\n'))
}
