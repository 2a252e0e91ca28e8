import { setImmediate as turnEnd } from 'node:timers/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import { JournalError } from '../../lib/base/errors.ts'
import { clicksInRing, sumOverThreads } from '../../lib/books/balance.ts'
import type { Segment } from '../../lib/journal/append/segment.ts'
import { CLICK_CLASSES, type ClickClass } from '../../lib/rows/classes.ts'
import { totalsOf } from '../../lib/rows/rows.ts'
import { Sums } from '../../lib/rows/sums.ts'
import { bulkOfClass } from '../support/bulk-of-class.ts'
import { rowsOf } from '../support/rows.ts'
import { MINUTE, newRecorder } from './new-recorder.ts'

type Append = Segment['append']

const clickClass = fc.constantFrom(...CLICK_CLASSES)
const pair = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 }))
const single = fc.record({ clickClass, pairs: fc.tuple(pair) })
const bulk = fc.record({
  clickClass,
  pairs: fc.uniqueArray(pair, { selector: ([bannerId]) => bannerId, minLength: 2, maxLength: 5 }),
})
const tick = fc.record({
  isRefused: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
  requests: fc.array(fc.oneof(single, bulk), { minLength: 1, maxLength: 6 }),
})

describe('recorder of clicks with classes', () => {
  it('keeps each class on its own in the ring and in the journal, and in the books', async () => {
    const property = fc.asyncProperty(fc.array(tick, { maxLength: 12 }), async ticks => {
      const journaled = new Sums()
      const expected = new Sums()
      let isRefused = false
      let refused = 0
      const append: Append = (_generation, singles, bulks = []) => {
        if (isRefused) throw new JournalError()
        addSingles(journaled, singles)
        for (const { minute, clickClass, pairs } of bulks) addPairs(journaled, minute, clickClass, pairs)
      }
      const { memory, recorder, ring } = newRecorder({ journal: { append } as Segment })
      for (const tick of ticks) {
        isRefused = tick.isRefused
        const answers = tick.requests.map(({ clickClass, pairs: [first, ...more] }) => {
          const pairs = Int32Array.from([first!, ...more].flat())
          const clicks = pairs.reduce((sum, word, at) => sum + (at % 2) * word, 0)
          if (isRefused) refused += clicks
          else addPairs(expected, MINUTE, clickClass, pairs)
          return more.length === 0
            ? recorder.record(first![0], clickClass, clicks)
            : recorder.recordAll(bulkOfClass(clickClass, { pairs, clicks }))
        })
        const outcomes = await Promise.allSettled([...answers, turnEnd()])
        expect(outcomes.slice(0, -1).every(({ status }) => (status === 'rejected') === isRefused)).to.equal(
          true,
        )
      }
      expect(rowsOf(ring.rows(1))).to.deep.equal(rowsOf(expected.rows()))
      expect(rowsOf(journaled.rows())).to.deep.equal(rowsOf(expected.rows()))
      expect(clicksInRing(memory)).to.deep.equal(totalsOf(expected.rows()))
      expect(sumOverThreads(memory, 'refusedJournal')).to.equal(refused)
    })
    await fc.assert(property, { numRuns: 100 })
  })
})

/** As the journal does: by the columns, and only classes that have any. */
function addSingles(to: Sums, { rowCount, bannerIds, minutes, clicks, totals }: Sums): void {
  for (const clickClass of CLICK_CLASSES.filter(of => totals[of]! > 0))
    for (let row = 0; row < rowCount; row++) {
      const count = clicks[clickClass][row]!
      if (count > 0) to.add(minutes[row]!, bannerIds[row]!, clickClass, count)
    }
}

function addPairs(to: Sums, minute: number, clickClass: ClickClass, pairs: Int32Array): void {
  for (let pair = 0; pair < pairs.length; pair += 2)
    to.add(minute, pairs[pair]!, clickClass, pairs[pair + 1]!)
}
