import { setImmediate as turnEnd } from 'node:timers/promises'
import { expect } from 'chai'
import { JournalError } from '../../lib/base/errors.ts'
import { clicksInHalf } from '../../lib/books/balance.ts'
import { maxTickRequests } from '../../lib/ingest/recorder.ts'
import type { Segment } from '../../lib/journal/append/segment.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { bulkOfClass } from '../support/bulk-of-class.ts'
import { MINUTE, newRecorder } from './new-recorder.ts'

/** A journal that notes the banners and clicks of each tick, and fails for ticks that hold `failing`. */
function notingJournal(failing: number | null = null) {
  const ticks: number[][] = []
  const append: Segment['append'] = (_generation, { rowCount, bannerIds }, bulks = []) => {
    const banners = [
      ...bannerIds.subarray(0, rowCount),
      ...bulks.flatMap(({ pairs }) => [...pairs.filter((_, at) => at % 2 === 0)]),
    ]
    ticks.push(banners)
    if (failing !== null && banners.includes(failing)) throw new JournalError(new Error('the disk'))
  }
  return { ticks, journal: { append } as Segment }
}

async function settled(promise: Promise<void>): Promise<string> {
  return promise.then(
    () => 'counted',
    () => 'refused',
  )
}

describe('short ticks', () => {
  it('end with their last request, and the rest of the turn has ticks of its own', async () => {
    const { ticks, journal } = notingJournal()
    const { recorder, rows, memory } = newRecorder({ journal, maxTickRequests: 2 })
    const clicks = [1, 2, 3, 4, 5].map(bannerId => recorder.record(bannerId, VALID, 1))
    expect(ticks).to.deep.equal([
      [1, 2],
      [3, 4],
    ])
    expect(clicksInHalf(memory, 1)).to.deep.equal([4, 0, 0])
    await turnEnd()
    expect(ticks).to.deep.equal([[1, 2], [3, 4], [5]])
    await Promise.all(clicks)
    expect(rows(1)).to.deep.equal([1, 2, 3, 4, 5].map(bannerId => [bannerId, MINUTE, 1]))
  })

  it('leave nothing behind that ends a later tick before its turn is over', async () => {
    const { ticks, journal } = notingJournal()
    const { recorder } = newRecorder({ journal, maxTickRequests: 2 })
    const click = recorder.record(1, VALID, 1)
    const whole = turnEnd().then(() => {
      // In the phase in which turns end: what an ended tick had planned would come right after this.
      const later = recorder.record(3, VALID, 1)
      return turnEnd().then(() => later)
    })
    await recorder.record(2, VALID, 1)
    await click
    expect(ticks).to.deep.equal([[1, 2]])
    await whole
    expect(ticks).to.deep.equal([[1, 2], [3]])
  })

  it('acknowledge their clicks as soon as they end, not with the turn', async () => {
    const { recorder } = newRecorder({ maxTickRequests: 2 })
    let isTurnOver = false
    setImmediate(() => {
      isTurnOver = true
    })
    const clicks = [recorder.record(1, VALID, 1), recorder.record(2, VALID, 1)]
    await Promise.all(clicks)
    expect(isTurnOver).to.equal(false)
  })

  it('are in the generation only as long as they last', async () => {
    const { memory, recorder, generations, rows } = newRecorder({ maxTickRequests: 1 })
    const clicks = [recorder.record(1, VALID, 1)]
    expect(memory.i32[memory.presenceIndex(0)]).to.equal(0)
    generations.flip(1)
    clicks.push(recorder.record(1, VALID, 1))
    await Promise.all(clicks)
    expect([rows(1), rows(2)]).to.deep.equal([[[1, MINUTE, 1]], [[1, MINUTE, 1]]])
  })

  it('are refused alone when their journal write fails', async () => {
    const { journal } = notingJournal(3)
    const { recorder, rows } = newRecorder({ journal, maxTickRequests: 2 })
    const outcomes = [1, 2, 3, 4, 5].map(bannerId => settled(recorder.record(bannerId, VALID, 1)))
    expect(await Promise.all(outcomes)).to.deep.equal(['counted', 'counted', 'refused', 'refused', 'counted'])
    expect(rows(1).map(([bannerId]) => bannerId)).to.deep.equal([1, 2, 5])
  })

  it('count a bulk as one request, whatever it holds', async () => {
    const { ticks, journal } = notingJournal()
    const { recorder } = newRecorder({ journal, maxTickRequests: 2 })
    const bulk = bulkOfClass(VALID, { pairs: Int32Array.of(7, 1, 8, 1, 9, 1), clicks: 3 })
    await Promise.all([recorder.recordAll(bulk), recorder.record(1, VALID, 1), recorder.record(2, VALID, 1)])
    expect(ticks).to.deep.equal([[1, 7, 8, 9], [2]])
  })

  it('are for journals that do not wait for the disk', () => {
    expect(maxTickRequests('write')).to.equal(64)
    expect(maxTickRequests('fsync')).to.equal(Number.POSITIVE_INFINITY)
  })
})
