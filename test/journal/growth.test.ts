import { expect } from 'chai'
import { JournalGrowth } from '../../lib/journal/keep/growth.ts'

describe('the growth of the journal', () => {
  it('is that of the last half minute, once clicks have waited for as long', () => {
    const growth = new JournalGrowth()
    const told = Array.from({ length: 61 }, (_, second) =>
      // 100 bytes a second, and 1000 from the thirtieth second on.
      growth.measure(second * 1000, second < 30 ? second * 100 : 3000 + (second - 30) * 1000, second * 1000),
    )
    expect(told.slice(0, 30)).to.deep.equal(Array(30).fill(0))
    expect(told[30]).to.equal(100)
    expect(told[45]).to.equal(550)
    expect(told[60]).to.equal(1000)
  })

  it('is none while flushes take it away, and while it shrinks', () => {
    const growth = new JournalGrowth()
    for (let second = 0; second < 120; second++) {
      const sinceFlush = second % 2
      expect(growth.measure(second * 1000, sinceFlush * 1e6, sinceFlush * 1000)).to.equal(0)
    }
    const shrinking = new JournalGrowth()
    for (let second = 0; second < 60; second++)
      expect(shrinking.measure(second * 1000, 60_000 - second * 1000, 100_000)).to.equal(0)
  })

  it('begins anew when the clock is put back', () => {
    const growth = new JournalGrowth()
    for (let second = 100; second <= 140; second++) growth.measure(second * 1000, second * 100, 60_000)
    expect(growth.measure(0, 20_000, 60_000)).to.equal(0)
    for (let second = 1; second <= 30; second++) growth.measure(second * 1000, 20_000 + second * 10, 60_000)
    expect(growth.measure(31_000, 20_310, 60_000)).to.equal(10)
  })
})
