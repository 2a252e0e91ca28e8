import { expect } from 'chai'
import fc from 'fast-check'
import { MAX_ENTRIES, sumUp } from '../../lib/ingest/bulk.ts'

const id = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }))
const entry = fc.record({ id, count: fc.integer({ min: 1, max: 10_000 }) }, { requiredKeys: ['id'] })

describe('entries of a bulk', () => {
  it('are summed up by banner, in the order that the banners first come', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 200 }), entries => {
        expect(summedUp(entries)).to.deep.equal(plainly(entries))
      }),
      { numRuns: 500 },
    )
  })

  for (const banners of [1, 100, MAX_ENTRIES])
    it(`are summed up as many as there may be, over ${banners} banners`, () => {
      const entries = Array.from({ length: MAX_ENTRIES }, (_, nth) => ({ id: 1 + (nth % banners) * 200_000 }))
      expect(summedUp(entries)).to.deep.equal(plainly(entries))
    })
})

function summedUp(entries: Parameters<typeof sumUp>[0]) {
  const { pairs, clicks } = sumUp(entries)
  return { pairs: [...pairs], clicks }
}

function plainly(entries: Parameters<typeof sumUp>[0]) {
  const sums = new Map<number, number>()
  for (const { id, count = 1 } of entries) sums.set(id, (sums.get(id) ?? 0) + count)
  return { pairs: [...sums].flat(), clicks: [...sums.values()].reduce((all, clicks) => all + clicks) }
}
