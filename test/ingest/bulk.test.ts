import { expect } from 'chai'
import fc from 'fast-check'
import { bulkOf, MAX_ENTRIES, sumUp } from '../../lib/ingest/bulk.ts'
import { CLICK_CLASSES } from '../../lib/rows/classes.ts'

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

  it('are summed up by class as well, and all together', () => {
    const classed = fc.array(fc.tuple(entry, fc.constantFrom(...CLICK_CLASSES)), {
      ...{ minLength: 1, maxLength: 100 },
    })
    fc.assert(
      fc.property(classed, pairs => {
        const entries = pairs.map(([each]) => each)
        const { parts, ...all } = bulkOf(
          entries,
          pairs.map(([, clickClass]) => clickClass),
        )
        expect({ ...all, pairs: [...all.pairs] }).to.deep.equal(plainly(entries))
        for (const clickClass of CLICK_CLASSES) {
          const own = pairs.filter(([, other]) => other === clickClass).map(([each]) => each)
          const part = parts.find(each => each.clickClass === clickClass)
          if (own.length === 0) expect(part).to.equal(undefined)
          else expect({ pairs: [...part!.pairs], clicks: part!.clicks }).to.deep.equal(plainly(own))
        }
      }),
      { numRuns: 300 },
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
