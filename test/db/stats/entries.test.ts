import { expect } from 'chai'
import { unpacked } from '../../../db/stats/entries.ts'

const PAGE_ENTRIES = 2000

describe('packed entries', () => {
  const numbers = (from: number, to: number, every = 1) =>
    Array.from({ length: Math.ceil((to - from) / every) }, (_, nth) => from + nth * every)
  const pack = (steps: readonly number[]) => ({
    entrySteps: steps.join(),
    entryTotals: steps.map(step => step * 10).join(),
    entryBots: steps.map(step => step * 100).join(),
    entryDuplicates: steps.map(step => step % 2).join(),
  })
  const starts = numbers(0, 5001).map(step => step * 60)

  it('come in pages, each with its columns', () => {
    for (const count of [1, PAGE_ENTRIES - 1, PAGE_ENTRIES, PAGE_ENTRIES + 1, 5001]) {
      const steps = numbers(1, count + 1)
      const pages = [...unpacked(pack(steps), starts, false)]
      expect(pages).to.have.length(Math.ceil(count / PAGE_ENTRIES))
      expect(pages.flatMap(page => page.starts)).to.deep.equal(starts.slice(0, count))
      expect(pages.flatMap(page => page.totals)).to.deep.equal(steps.map(step => String(step * 10)))
      expect(pages.flatMap(page => page.bots)).to.deep.equal(steps.map(step => String(step * 100)))
      expect(pages.flatMap(page => page.duplicates)).to.deep.equal(steps.map(step => String(step % 2)))
    }
  })

  it('are filled up with zeros', () => {
    for (const steps of [[], [1], [5001], numbers(1, 5002), numbers(2, 5002, 7), numbers(1990, 2010)]) {
      const pages = [...unpacked(steps.length === 0 ? undefined : pack(steps), starts, true)]
      expect(pages.map(page => page.starts.length)).to.deep.equal([2000, 2000, 1001])
      expect(pages.flatMap(page => page.starts)).to.deep.equal(starts)
      const clicked = new Set(steps)
      const totals = numbers(1, 5002).map(step => String(clicked.has(step) ? step * 10 : 0))
      expect(pages.flatMap(page => page.totals)).to.deep.equal(totals)
    }
  })

  it('are none where nothing was clicked', () => {
    expect([...unpacked(undefined, starts, false)]).to.deep.equal([])
  })
})
