import { expect } from 'chai'
import fc from 'fast-check'
import { Rulings } from '../../../lib/http/entrance/rulings.ts'
import { TestBanners } from '../../support/banners.ts'

const NOW_MS = 1_000_000

const idArbitrary = fc.integer({ min: 1, max: 20 })
const timeArbitrary = fc.option(fc.integer({ min: NOW_MS - 2, max: NOW_MS + 2 }))
const banners = fc.array(
  fc.record({
    id: idArbitrary,
    isActive: fc.boolean(),
    activeFromMs: timeArbitrary,
    activeUntilMs: timeArbitrary,
  }),
)
const entries = fc.array(
  fc.record({ id: idArbitrary, count: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: ['id'] }),
  { minLength: 1 },
)

describe('the ruling on a bulk', () => {
  it('is on each entry what it is on a single click of its banner', () => {
    fc.assert(
      fc.property(
        banners,
        entries,
        fc.boolean(),
        fc.boolean(),
        (registered, bulk, areUnknownCounted, isKnown) => {
          const lookup = new TestBanners()
          for (const { id, ...content } of registered) lookup.put(id, content)
          lookup.isKnown = isKnown
          const rulings = new Rulings({ lookup, areUnknownCounted, fallbackUrl: null, now: () => NOW_MS })
          const fates = bulk.map(({ id }) => rulings.of('counter', id, '', false).fate)
          const sumOf = (fate: string) =>
            bulk.reduce((sum, { count = 1 }, nth) => sum + (fates[nth] === fate ? count : 0), 0)
          const ruling = rulings.ofBulk(bulk)
          if (fates.includes('unknown')) {
            expect(ruling).to.deep.equal({
              firstUnknown: fates.indexOf('unknown'),
              counted: [],
              inactiveClicks: 0,
            })
            return
          }
          expect(ruling.firstUnknown).to.equal(null)
          expect(ruling.inactiveClicks).to.equal(sumOf('inactive'))
          expect(ruling.counted).to.deep.equal(bulk.filter((_, nth) => fates[nth] === 'counted'))
        },
      ),
      { numRuns: 1000 },
    )
  })
})
