import { expect } from 'chai'
import fc from 'fast-check'
import { BOT, CLICK_CLASSES, DUPLICATE, VALID } from '../../lib/rows/classes.ts'
import { totalsOf } from '../../lib/rows/rows.ts'
import { Sums } from '../../lib/rows/sums.ts'
import { anyBannerId, anyMinute } from '../journal/journal-support.ts'
import { rowOf, rowsFrom, rowsOf } from '../support/rows.ts'

const MINUTE = 28_900_000

describe('sums', () => {
  it('are exact for every banner and minute, ascending by banner, then minute', () => {
    const few = (any: fc.Arbitrary<number>) => fc.oneof(fc.integer({ min: 1, max: 5 }), any)
    const clickClass = fc.constantFrom(...CLICK_CLASSES)
    const clicks = fc.integer({ min: 1, max: 2 ** 31 - 1 })
    const visit = fc.tuple(few(anyMinute), few(anyBannerId), clickClass, clicks)
    fc.assert(
      fc.property(fc.array(visit, { maxLength: 60 }), visits => {
        const expected = new Map<string, [number, number, number, number, number]>()
        const totals = CLICK_CLASSES.map(() => 0)
        const sums = new Sums()
        for (const [minute, bannerId, clickClass, clicks] of visits) {
          sums.add(minute, bannerId, clickClass, clicks)
          const sum = expected.get(`${bannerId} ${minute}`) ?? [bannerId, minute, 0, 0, 0]
          expected.set(`${bannerId} ${minute}`, sum)
          sum[2 + clickClass]! += clicks
          totals[clickClass]! += clicks
        }
        const rows = [...expected.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1])
        expect(rowsOf(sums.rows())).to.deep.equal(rowsOf(rowsFrom(rows)))
        expect([...sums.totals]).to.deep.equal(totals)
        expect(totalsOf(sums.rows())).to.deep.equal(totals)
      }),
    )
  })

  it('stay exact while their table grows', () => {
    const sums = new Sums()
    const rows: number[][] = []
    for (let bannerId = 1; bannerId <= 20_000; bannerId++)
      for (const minute of [28_000_000, 28_000_001]) {
        sums.add(minute, bannerId, VALID, bannerId)
        sums.add(minute, bannerId, DUPLICATE, bannerId)
        sums.add(minute, bannerId, VALID, 1)
        rows.push([bannerId, minute, bannerId + 1, 0, bannerId])
      }
    expect(rowsOf(sums.rows())).to.deep.equal(rows)
  })

  it('begin anew when they are cleared, also after their table has grown', () => {
    const sums = new Sums()
    for (const rows of [3, 5000, 1, 700]) {
      sums.clear()
      for (let bannerId = 1; bannerId <= rows; bannerId++) sums.add(MINUTE, bannerId * 1000, VALID, rows)
      expect([...sums.totals]).to.deep.equal([rows * rows, 0, 0])
      expect(rowsOf(sums.rows())).to.deep.equal(
        Array.from({ length: rows }, (_, row) => [(row + 1) * 1000, MINUTE, rows]),
      )
    }
  })

  it('begin anew in each class, also where the next clicks are of another one', () => {
    const sums = new Sums()
    for (const clickClass of [BOT, VALID, DUPLICATE, BOT] as const) {
      sums.clear()
      sums.add(MINUTE, 7, clickClass, 5)
      expect(rowsOf(sums.rows())).to.deep.equal([rowOf(7, MINUTE, [0, 0, 0].with(clickClass, 5))])
    }
  })

  it('are whole numbers up to 2^53', () => {
    const sums = new Sums()
    sums.add(1, 1, VALID, 2 ** 53 - 2 ** 31)
    sums.add(1, 1, VALID, 2 ** 31 - 1)
    expect(rowsOf(sums.rows())).to.deep.equal([[1, 1, 2 ** 53 - 1]])
  })

  it('keep neighbouring keys apart at the far ends of minutes and banners', () => {
    const most = 2 ** 31 - 1
    const sums = new Sums()
    for (const minute of [most, most - 1, 1])
      for (const banner of [most, most - 1, 1]) sums.add(minute, banner, VALID, 1)
    expect(rowsOf(sums.rows()).map(([banner, minute]) => [banner, minute])).to.deep.equal(
      [1, most - 1, most].flatMap(banner => [1, most - 1, most].map(minute => [banner, minute])),
    )
  })
})
