import { setImmediate as turnEnd } from 'node:timers/promises'
import { expect } from 'chai'
import { BulkTooWideError, JournalError } from '../../lib/base/errors.ts'
import { clicksInHalf, sumOverThreads } from '../../lib/books/balance.ts'
import { bulkOf } from '../../lib/ingest/bulk.ts'
import type { Segment } from '../../lib/journal/append/segment.ts'
import { MAX_SLOT_CLICKS } from '../../lib/memory/layout.ts'
import { type ByClass, CLASSES, CLICK_CLASSES, NO_CLICKS, VALID } from '../../lib/rows/classes.ts'
import { totalsOf } from '../../lib/rows/rows.ts'
import { MINUTE, newRecorder } from './new-recorder.ts'

type Clicks = readonly (readonly [id: number, count: number])[]

describe('recorder of bulks of several classes', () => {
  it('counts each class for itself, and a banner of two classes as one', async () => {
    const { memory, recorder, ring } = newRecorder({ maxBanners: 3 })
    await recorder.recordAll(
      mixed([
        [
          [1, 1],
          [2, 5],
        ],
        [[2, 3]],
        [[3, 1]],
      ]),
    )
    expect(totalsOf(ring.rows(1))).to.deep.equal([6, 3, 1])
    expect(clicksInHalf(memory, 1)).to.deep.equal([6, 3, 1])
    expect(ring.slotsUsed(1)).to.equal(3)
  })

  it('refuses at once what has too many banners over all classes', async () => {
    const { memory, recorder, ring } = newRecorder({ maxBanners: 2 })
    const error = await rejection(recorder.recordAll(mixed([[[1, 1]], [[2, 1]], [[3, 4]]])))
    expect(error).to.be.instanceOf(BulkTooWideError)
    expect(ring.slotsUsed(1)).to.equal(0)
    expect(sumOverThreads(memory, 'refusedFull')).to.equal(6)
  })

  for (const full of CLICK_CLASSES)
    it(`counts nothing of it when a banner of class ${CLASSES[full]} finds no slot, and all of it behind the flip`, async () => {
      const { memory, recorder, ring, generations, asks } = newRecorder({ maxBanners: 3 })
      await recorder.record(9, VALID, 1)
      // Banners 1 and 2 take the last slots, so banner 3 finds none.
      const of = (clickClass: number): Clicks => [
        [1, 2],
        [clickClass === full ? 3 : 2, 1],
      ]
      const waiting = recorder.recordAll(mixed([of(0), of(1), of(2)]))
      await turnEnd()
      expect(totalsOf(ring.rows(1))).to.deep.equal([1, 0, 0])
      expect(clicksInHalf(memory, 1)).to.deep.equal([1, 0, 0])
      generations.flip(1)
      asks[0]!.resolve()
      await waiting
      expect(totalsOf(ring.rows(0))).to.deep.equal([3, 3, 3])
      expect(clicksInHalf(memory, 0)).to.deep.equal([3, 3, 3])
    })

  for (const full of CLICK_CLASSES)
    it(`counts nothing of it when a slot would pass 2^31 − 1 clicks of class ${CLASSES[full]}`, async () => {
      const { recorder, ring, generations, asks } = newRecorder()
      ring.add(1, MINUTE, 5, full, MAX_SLOT_CLICKS - 3)
      const before = totalsOf(ring.rows(1))
      const clicks: Clicks = [
        [4, 2],
        [5, 4],
        [6, 1],
      ]
      const waiting = recorder.recordAll(mixed([clicks, clicks, clicks]))
      await turnEnd()
      expect(totalsOf(ring.rows(1))).to.deep.equal(before)
      generations.flip(1)
      asks[0]!.resolve()
      await waiting
      expect(totalsOf(ring.rows(0))).to.deep.equal([7, 7, 7])
    })

  it('takes all classes back when the journal fails', async () => {
    const append = () => {
      throw new JournalError()
    }
    const { memory, recorder, ring } = newRecorder({ journal: { append } as unknown as Segment })
    const error = await rejection(recorder.recordAll(mixed([[[1, 1]], [[1, 2]], [[2, 4]]])))
    expect(error).to.be.instanceOf(JournalError)
    expect(totalsOf(ring.rows(1))).to.deep.equal(NO_CLICKS)
    expect(clicksInHalf(memory, 1)).to.deep.equal(NO_CLICKS)
    expect(sumOverThreads(memory, 'refusedJournal')).to.equal(7)
  })
})

function mixed(clicks: ByClass<Clicks>) {
  return bulkOf(
    clicks.flat().map(([id, count]) => ({ id, count })),
    CLICK_CLASSES.flatMap(clickClass => clicks[clickClass].map(() => clickClass)),
  )
}

function rejection(promise: Promise<void>): Promise<Error> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    (error: Error) => error,
  )
}
