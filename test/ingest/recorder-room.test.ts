import { mock } from 'node:test'
import { setImmediate as turnEnd } from 'node:timers/promises'
import { expect } from 'chai'
import { RingFullError } from '../../lib/base/errors.ts'
import { clicksInHalf, sumOverThreads } from '../../lib/books/balance.ts'
import { LATEST_ADD_MS } from '../../lib/ring/generations.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { MINUTE, newRecorder } from './new-recorder.ts'

const ROOM_WAIT_MS = 500

describe('recorder without room', () => {
  it('asks once a generation and counts the clicks after the flip, in the minute of their arrival', async () => {
    const { recorder, generations, clock, rows, asks } = newRecorder({ maxBanners: 1 })
    clock.nowMs += 59_500
    const clicks = [recorder.record(1, VALID, 1), recorder.record(2, VALID, 1)]
    await clicks[0]
    clicks.push(recorder.record(2, VALID, 1))
    await turnEnd()
    expect(asks.map(ask => ask.generation)).to.deep.equal([1])
    clock.nowMs += LATEST_ADD_MS
    generations.flip(1)
    asks[0]!.resolve()
    await Promise.all(clicks)
    expect(rows(1)).to.deep.equal([[1, MINUTE, 1]])
    expect(rows(2)).to.deep.equal([[2, MINUTE, 2]])
  })

  it('refuses clicks whose thread was held up while they waited: they may be said to be stored by then', async () => {
    const { recorder, memory, generations, clock, rows, asks } = newRecorder({ maxBanners: 1 })
    await recorder.record(1, VALID, 1)
    const late = [recorder.record(2, VALID, 1), recorder.record(3, VALID, 2)]
    await turnEnd()
    clock.nowMs += LATEST_ADD_MS + 1
    generations.flip(1)
    asks[0]!.resolve()
    for (const click of late) expect(await rejection(click)).to.be.instanceOf(RingFullError)
    expect(rows(2)).to.deep.equal([])
    expect(sumOverThreads(memory, 'refusedFull')).to.equal(3)
  })

  it('asks again when the next generation is full as well', async () => {
    const { recorder, generations, asks } = newRecorder({ maxBanners: 1 })
    for (const generation of [1, 2, 3]) {
      await recorder.record(1, VALID, 1)
      expect(asks.map(ask => ask.generation)).to.have.lengthOf(generation)
      generations.flip(generation)
    }
    expect(asks.map(ask => ask.generation)).to.deep.equal([1, 2, 3])
  })

  it('asks ahead, once a generation, when room runs short', async () => {
    const { recorder, asks } = newRecorder({ maxBanners: 100 })
    for (let bannerId = 1; bannerId <= 74; bannerId++) await recorder.record(bannerId, VALID, 1)
    expect(asks).to.have.lengthOf(0)
    for (let bannerId = 75; bannerId <= 100; bannerId++) await recorder.record(bannerId, VALID, 1)
    expect(asks.map(ask => ask.generation)).to.deep.equal([1])
  })

  it('refuses the click, and counts nothing of it, when the answer is no', async () => {
    const { memory, recorder, rows, asks } = newRecorder({ maxBanners: 1 })
    await recorder.record(1, VALID, 1)
    const refused = recorder.record(2, VALID, 7)
    asks[0]!.reject(new Error('no'))
    expect(await rejection(refused)).to.be.instanceOf(RingFullError)
    expect(rows(1)).to.deep.equal([[1, MINUTE, 1]])
    expect(sumOverThreads(memory, 'refusedFull')).to.equal(7)
    expect(clicksInHalf(memory, 1)).to.deep.equal([1, 0, 0])
    await recorder.record(1, VALID, 1)
    expect(rows(1), 'what needs no room').to.deep.equal([[1, MINUTE, 2]])
  })

  it('refuses all clicks of a tick with one error', async () => {
    const { recorder, asks } = newRecorder({ maxBanners: 1 })
    await recorder.record(1, VALID, 1)
    const refused = [2, 3].map(bannerId => rejection(recorder.record(bannerId, VALID, 1)))
    asks[0]!.reject(new Error('no'))
    const [first, second] = await Promise.all(refused)
    expect(second).to.equal(first)
  })

  it('refuses the click when the next generation has no room either', async () => {
    const { memory, recorder, ring, generations, asks } = newRecorder({ maxBanners: 1 })
    await recorder.record(1, VALID, 1)
    const refused = recorder.record(2, VALID, 1)
    generations.flip(1)
    ring.add(0, MINUTE, 3, VALID, 1)
    asks[0]!.resolve()
    expect(await rejection(refused)).to.be.instanceOf(RingFullError)
    expect(sumOverThreads(memory, 'refusedFull')).to.equal(1)
  })

  describe('and without an answer', () => {
    before(() => mock.timers.enable({ apis: ['setTimeout'] }))
    after(() => mock.timers.reset())

    it('refuses the click half a second after its arrival, however long ago the ask was sent', async () => {
      const { memory, recorder } = newRecorder({ maxBanners: 1 })
      await recorder.record(1, VALID, 1)
      mock.timers.tick(10 * ROOM_WAIT_MS)
      const outcome = settled(recorder.record(2, VALID, 1))
      await turnEnd()
      mock.timers.tick(ROOM_WAIT_MS - 1)
      await turnEnd()
      expect(outcome.error).to.equal(null)
      mock.timers.tick(1)
      await turnEnd()
      expect(outcome.error).to.be.instanceOf(RingFullError)
      expect(sumOverThreads(memory, 'refusedFull')).to.equal(1)
    })

    it('still counts a click whose answer comes within that time', async () => {
      const { recorder, generations, rows, asks } = newRecorder({ maxBanners: 1 })
      await recorder.record(1, VALID, 1)
      const click = recorder.record(2, VALID, 1)
      await turnEnd()
      mock.timers.tick(ROOM_WAIT_MS - 1)
      generations.flip(1)
      asks[0]!.resolve()
      await click
      mock.timers.tick(1)
      expect(rows(2)).to.deep.equal([[2, MINUTE, 1]])
    })
  })
})

function rejection(promise: Promise<void>): Promise<Error> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    (error: Error) => error,
  )
}

function settled(promise: Promise<void>) {
  const outcome: { error: Error | null } = { error: null }
  promise.catch((error: Error) => {
    outcome.error = error
  })
  return outcome
}
