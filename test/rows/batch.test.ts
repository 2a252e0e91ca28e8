import { expect } from 'chai'
import fc from 'fast-check'
import { type Batch, batchOf, mergeBatches } from '../../lib/rows/batch.ts'
import { plus } from '../../lib/rows/classes.ts'
import { discardRows, rowsBytes } from '../../lib/rows/rows.ts'
import { printedSeed } from '../flush/flush-support.ts'
import { type Row, rowsFrom, rowsOf } from '../support/rows.ts'

const clicks = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 2 ** 48 }))
const filtered = fc.oneof(fc.constant(0), clicks)
const row = fc.tuple(
  fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
  fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
  filtered,
  filtered,
  filtered,
)
/** Ascending, each key once. */
const rows = fc
  .uniqueArray(row, { selector: ([bannerId, minute]) => `${bannerId}@${minute}`, maxLength: 40 })
  .map(rows => rows.toSorted(byKey))

describe('batches', () => {
  it('merge into the sums of their rows, ascending, and stay as they are', () => {
    const property = fc.property(rows, rows, (olderRows, newerRows) => {
      const [older, newer] = [batch(3, olderRows), batch(7, newerRows)]
      const merged = mergeBatches(older, newer)
      expect(rowsOf(merged)).to.deep.equal(summed(olderRows, newerRows))
      expect(merged.totals).to.deep.equal(plus(older.totals, newer.totals))
      expect(merged.generation).to.equal(7)
      expect(rowsOf(older)).to.deep.equal(summed(olderRows))
      expect(rowsOf(newer)).to.deep.equal(summed(newerRows))
    })
    fc.assert(property, { numRuns: 1000, seed: printedSeed('merging') })
  })

  it('take 32 bytes a row, merged ones too, and none when they are discarded', () => {
    const merged = mergeBatches(batch(1, [[1, 1, 1]]), batch(2, [[1, 1, 1]]))
    expect(rowsBytes(merged)).to.equal(32)
    for (const { buffer } of [merged.bannerIds, merged.minutes, ...merged.clicks])
      expect(buffer.byteLength).to.be.below(16)
    discardRows(merged)
    expect(rowsBytes(merged)).to.equal(0)
  })

  it('sum past 2^31 and up to 2^53 exactly', () => {
    const [older, newer] = [batch(1, [[1, 1, 2 ** 53 - 2 ** 31]]), batch(2, [[1, 1, 2 ** 31 - 1]])]
    expect(mergeBatches(older, newer).totals).to.deep.equal([Number.MAX_SAFE_INTEGER, 0, 0])
    expect(rowsOf(mergeBatches(older, newer))).to.deep.equal([[1, 1, Number.MAX_SAFE_INTEGER]])
  })
})

function batch(generation: number, rows: readonly Row[]): Batch {
  return batchOf(generation, rowsFrom(rows))
}

/** The model: a map from key to sum. */
function summed(...batches: (readonly Row[])[]): Row[] {
  const rows = new Map<string, [number, number, number, number, number]>()
  for (const [bannerId, minute, ...clicks] of batches.flat()) {
    const key = `${bannerId}@${minute}`
    const sum = rows.get(key) ?? [bannerId, minute, 0, 0, 0]
    rows.set(key, sum)
    for (const [clickClass, count] of clicks.entries()) sum[2 + clickClass]! += count
  }
  return rowsOf(rowsFrom([...rows.values()].sort(byKey)))
}

function byKey(a: Row, b: Row): number {
  return a[0] - b[0] || a[1] - b[1]
}
