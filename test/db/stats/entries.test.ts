import { expect } from 'chai'
import { unpacked, unpackedMinutes } from '../../../db/stats/entries.ts'
import { rowsOf } from '../../support/entries.ts'

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
  const rowOf = (step: number) => [starts[step - 1]!, ...[step * 10, step * 100, step % 2].map(String)]

  it('come one by one', () => {
    for (const steps of [[1], [5001], numbers(1, 5002), numbers(2, 5002, 7)])
      expect(rowsOf(unpacked(pack(steps), starts, false))).to.deep.equal(steps.map(rowOf))
  })

  it('are filled up with zeros', () => {
    for (const steps of [[], [1], [5001], numbers(1, 5002), numbers(2, 5002, 7), numbers(1990, 2010)]) {
      const clicked = new Set(steps)
      expect(rowsOf(unpacked(steps.length === 0 ? undefined : pack(steps), starts, true))).to.deep.equal(
        starts.map((start, nth) => (clicked.has(nth + 1) ? rowOf(nth + 1) : [start, '0', '0', '0'])),
      )
    }
  })

  it('are none where nothing was clicked', () => {
    expect(rowsOf(unpacked(undefined, starts, false))).to.deep.equal([])
  })

  it('have every digit, and minutes before 1970 as well', () => {
    const clicks = ['9223372036854775807', '0', '10']
    const entries = unpackedMinutes({
      ...{ entrySteps: '-1440,0,28000000', entryTotals: clicks.join() },
      ...{ entryBots: '0,1,0', entryDuplicates: '0,0,1' },
    })
    const isZero: boolean[] = []
    while (entries.next()) isZero.push(entries.total.isZero, entries.bots.isZero, entries.duplicates.isZero)
    expect(isZero).to.deep.equal([false, true, true, true, false, true, false, true, false])
    expect(entries.next()).to.equal(false)
    expect(
      rowsOf(
        unpackedMinutes({
          ...{ entrySteps: '-1440,0,28000000', entryTotals: clicks.join() },
          ...{ entryBots: '0,1,0', entryDuplicates: '0,0,1' },
        }),
      ),
    ).to.deep.equal([
      [-1440, clicks[0], '0', '0'],
      [0, clicks[1], '1', '0'],
      [28_000_000, clicks[2], '0', '1'],
    ])
  })
})
