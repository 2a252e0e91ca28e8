import { setImmediate as turnEnd } from 'node:timers/promises'
import { expect } from 'chai'
import { JournalError } from '../../lib/base/errors.ts'
import { clicksInHalf, sumOverThreads } from '../../lib/books/balance.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { BOT, type ByClass, DUPLICATE, VALID } from '../../lib/rows/classes.ts'
import { MINUTE, newRecorder } from './new-recorder.ts'

describe('recorder', () => {
  it('acknowledges the clicks of a tick together, at its end', async () => {
    const { recorder } = newRecorder()
    const acknowledged: number[] = []
    for (const bannerId of [1, 2, 1])
      void recorder.record(bannerId, VALID, 1).then(() => acknowledged.push(bannerId))
    // As many microtasks as one likes are still the same tick.
    for (let nth = 0; nth < 20; nth++) await Promise.resolve()
    expect(acknowledged).to.deep.equal([])
    await turnEnd()
    expect(acknowledged).to.deep.equal([1, 2, 1])
  })

  it('refuses the clicks of a turn together, with one error, while the backlog is full', async () => {
    const { memory, recorder } = newRecorder({ isBacklogFull: () => true })
    const rejections = (bannerIds: number[]) =>
      Promise.all(bannerIds.map(id => recorder.record(id, VALID, 3).catch((error: Error) => error)))
    const [first, second] = await rejections([1, 2])
    expect(first).to.be.instanceOf(JournalError)
    expect(second).to.equal(first)
    expect((await rejections([1]))[0])
      .to.be.instanceOf(JournalError)
      .and.not.to.equal(first)
    expect(sumOverThreads(memory, 'refusedJournal')).to.equal(9)
  })

  it('counts a tick into the generation that it began in, whatever is flipped meanwhile', async () => {
    const { recorder, generations, rows } = newRecorder()
    const clicks = [recorder.record(1, VALID, 1)]
    generations.flip(1)
    clicks.push(recorder.record(2, VALID, 5))
    await Promise.all(clicks)
    expect(rows(1)).to.deep.equal([
      [1, MINUTE, 1],
      [2, MINUTE, 5],
    ])
    await recorder.record(3, VALID, 1)
    expect(rows(2)).to.deep.equal([[3, MINUTE, 1]])
  })

  it('counts a tick that begins at the last millisecond of a minute into that minute', async () => {
    const { recorder, clock, rows } = newRecorder()
    clock.nowMs = (MINUTE + 1) * 60_000 - 1
    const clicks = [recorder.record(1, VALID, 1)]
    clock.nowMs += 1
    clicks.push(recorder.record(1, VALID, 1))
    await Promise.all(clicks)
    await recorder.record(1, VALID, 1)
    expect(rows(1)).to.deep.equal([
      [1, MINUTE, 2],
      [1, MINUTE + 1, 1],
    ])
  })

  it('keeps clicks under a clock that was never set', async () => {
    const { recorder, clock, rows } = newRecorder()
    clock.nowMs = 0
    await recorder.record(1, VALID, 1)
    expect(rows(1)).to.deep.equal([[1, 1, 1]])
  })

  it('is inside the generation until the tick ends, and has booked the clicks when it leaves', async () => {
    const { memory, recorder, generations } = newRecorder()
    const bookedAtLeave: ByClass<number>[] = []
    const { leave } = generations
    generations.leave = (threadIndex, generation) => {
      bookedAtLeave.push(clicksInHalf(memory, generation % HALF_COUNT))
      leave.call(generations, threadIndex, generation)
    }
    const presence = () => memory.i32[memory.presenceIndex(0)]
    const clicks = [
      recorder.record(1, VALID, 2),
      recorder.record(2, BOT, 3),
      recorder.record(2, DUPLICATE, 4),
    ]
    expect(presence()).to.equal(1)
    expect(clicksInHalf(memory, 1)).to.deep.equal([0, 0, 0])
    await Promise.all(clicks)
    expect(bookedAtLeave).to.deep.equal([[2, 3, 4]])
    expect(presence()).to.equal(0)
  })

  it('enters anew for a click that an acknowledgement brings about', async () => {
    const { recorder, generations, rows } = newRecorder()
    const both = recorder.record(1, VALID, 1).then(() => {
      generations.flip(1)
      return recorder.record(2, VALID, 1)
    })
    await both
    expect(rows(1)).to.deep.equal([[1, MINUTE, 1]])
    expect(rows(2)).to.deep.equal([[2, MINUTE, 1]])
  })
})
