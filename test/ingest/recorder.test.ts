import { mock } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { RingFullError } from '../../lib/errors.ts'
import { clicksInHalf, sumOverThreads, ThreadBooks } from '../../lib/health/books.ts'
import { Recorder } from '../../lib/ingest/recorder.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { HALF_COUNT, SharedMemory } from '../../lib/ring/layout.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { rowsOf } from '../ring/model.ts'

const MINUTE = 28_900_000
const ROOM_WAIT_MS = 500

describe('recorder', () => {
  it('acknowledges the clicks of a turn together, at its end', async () => {
    const { recorder } = newRecorder()
    const acknowledged: number[] = []
    for (const bannerId of [1, 2, 1])
      void recorder.record(bannerId, 1).then(() => acknowledged.push(bannerId))
    // As many microtasks as one likes are still the same turn.
    for (let nth = 0; nth < 20; nth++) await Promise.resolve()
    expect(acknowledged).to.deep.equal([])
    await turn()
    expect(acknowledged).to.deep.equal([1, 2, 1])
  })

  it('counts a turn into the generation that it began in, whatever is flipped meanwhile', async () => {
    const { recorder, generations, rows } = newRecorder()
    const clicks = [recorder.record(1, 1)]
    generations.flip(1)
    clicks.push(recorder.record(2, 5))
    await Promise.all(clicks)
    expect(rows(1)).to.deep.equal([
      [1, MINUTE, 1],
      [2, MINUTE, 5],
    ])
    await recorder.record(3, 1)
    expect(rows(2)).to.deep.equal([[3, MINUTE, 1]])
  })

  it('counts a turn that begins at the last millisecond of a minute into that minute', async () => {
    const { recorder, clock, rows } = newRecorder()
    clock.nowMs = (MINUTE + 1) * 60_000 - 1
    const clicks = [recorder.record(1, 1)]
    clock.nowMs += 1
    clicks.push(recorder.record(1, 1))
    await Promise.all(clicks)
    await recorder.record(1, 1)
    expect(rows(1)).to.deep.equal([
      [1, MINUTE, 2],
      [1, MINUTE + 1, 1],
    ])
  })

  it('keeps clicks under a clock that was never set', async () => {
    const { recorder, clock, rows } = newRecorder()
    clock.nowMs = 0
    await recorder.record(1, 1)
    expect(rows(1)).to.deep.equal([[1, 1, 1]])
  })

  it('is inside the generation until the turn ends, and has booked the clicks when it leaves', async () => {
    const { memory, recorder, generations } = newRecorder()
    const bookedAtLeave: number[] = []
    const { leave } = generations
    generations.leave = (threadIndex, generation) => {
      bookedAtLeave.push(clicksInHalf(memory, generation % HALF_COUNT))
      leave.call(generations, threadIndex, generation)
    }
    const presence = () => memory.i32[memory.presenceIndex(0)]
    const clicks = [recorder.record(1, 2), recorder.record(2, 3)]
    expect(presence()).to.equal(1)
    expect(clicksInHalf(memory, 1)).to.equal(0)
    await Promise.all(clicks)
    expect(bookedAtLeave).to.deep.equal([5])
    expect(presence()).to.equal(0)
  })

  it('enters anew for a click that an acknowledgement brings about', async () => {
    const { recorder, generations, rows } = newRecorder()
    const both = recorder.record(1, 1).then(() => {
      generations.flip(1)
      return recorder.record(2, 1)
    })
    await both
    expect(rows(1)).to.deep.equal([[1, MINUTE, 1]])
    expect(rows(2)).to.deep.equal([[2, MINUTE, 1]])
  })

  describe('without room', () => {
    it('asks once a generation and counts the clicks after the flip, in the minute of their arrival', async () => {
      const { recorder, generations, clock, rows, asks } = newRecorder({ maxBanners: 1 })
      const clicks = [recorder.record(1, 1), recorder.record(2, 1)]
      await clicks[0]
      clicks.push(recorder.record(2, 1))
      await turn()
      expect(asks.map(ask => ask.generation)).to.deep.equal([1])
      clock.nowMs += 60_000
      generations.flip(1)
      asks[0]!.resolve()
      await Promise.all(clicks)
      expect(rows(1)).to.deep.equal([[1, MINUTE, 1]])
      expect(rows(2)).to.deep.equal([[2, MINUTE, 2]])
    })

    it('asks again when the next generation is full as well', async () => {
      const { recorder, generations, asks } = newRecorder({ maxBanners: 1 })
      for (const generation of [1, 2, 3]) {
        await recorder.record(1, 1)
        expect(asks.map(ask => ask.generation)).to.have.lengthOf(generation)
        generations.flip(generation)
      }
      expect(asks.map(ask => ask.generation)).to.deep.equal([1, 2, 3])
    })

    it('asks ahead, once a generation, when room runs short', async () => {
      const { recorder, asks } = newRecorder({ maxBanners: 100 })
      for (let bannerId = 1; bannerId <= 74; bannerId++) await recorder.record(bannerId, 1)
      expect(asks).to.have.lengthOf(0)
      for (let bannerId = 75; bannerId <= 100; bannerId++) await recorder.record(bannerId, 1)
      expect(asks.map(ask => ask.generation)).to.deep.equal([1])
    })

    it('refuses the click, and counts nothing of it, when the answer is no', async () => {
      const { memory, recorder, rows, asks } = newRecorder({ maxBanners: 1 })
      await recorder.record(1, 1)
      const refused = recorder.record(2, 7)
      asks[0]!.reject(new Error('no'))
      expect(await rejection(refused)).to.be.instanceOf(RingFullError)
      expect(rows(1)).to.deep.equal([[1, MINUTE, 1]])
      expect(sumOverThreads(memory, 'refusedFull')).to.equal(7)
      expect(clicksInHalf(memory, 1)).to.equal(1)
      await recorder.record(1, 1)
      expect(rows(1), 'what needs no room').to.deep.equal([[1, MINUTE, 2]])
    })

    it('refuses the click when the next generation has no room either', async () => {
      const { memory, recorder, ring, generations, asks } = newRecorder({ maxBanners: 1 })
      await recorder.record(1, 1)
      const refused = recorder.record(2, 1)
      generations.flip(1)
      ring.add(0, MINUTE, 3, 1)
      asks[0]!.resolve()
      expect(await rejection(refused)).to.be.instanceOf(RingFullError)
      expect(sumOverThreads(memory, 'refusedFull')).to.equal(1)
    })

    describe('and without an answer', () => {
      before(() => mock.timers.enable({ apis: ['setTimeout'] }))
      after(() => mock.timers.reset())

      it('refuses the click half a second after its arrival, however long ago the question was asked', async () => {
        const { memory, recorder } = newRecorder({ maxBanners: 1 })
        await recorder.record(1, 1)
        mock.timers.tick(10 * ROOM_WAIT_MS)
        const outcome = settled(recorder.record(2, 1))
        await turn()
        mock.timers.tick(ROOM_WAIT_MS - 1)
        await turn()
        expect(outcome.error).to.equal(null)
        mock.timers.tick(1)
        await turn()
        expect(outcome.error).to.be.instanceOf(RingFullError)
        expect(sumOverThreads(memory, 'refusedFull')).to.equal(1)
      })

      it('still counts a click whose answer comes within that time', async () => {
        const { recorder, generations, rows, asks } = newRecorder({ maxBanners: 1 })
        await recorder.record(1, 1)
        const click = recorder.record(2, 1)
        await turn()
        mock.timers.tick(ROOM_WAIT_MS - 1)
        generations.flip(1)
        asks[0]!.resolve()
        await click
        mock.timers.tick(1)
        expect(rows(2)).to.deep.equal([[2, MINUTE, 1]])
      })
    })
  })
})

/** A recorder whose questions for room are the test's to answer. */
function newRecorder(options: { maxBanners?: number } = {}) {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: options.maxBanners ?? 100 })
  const clock = { nowMs: MINUTE * 60_000 }
  const now = () => clock.nowMs
  const ring = new Ring(memory)
  const generations = new Generations(memory)
  const asks: (PromiseWithResolvers<void> & { generation: number })[] = []
  const askForRoom = (generation: number) => {
    const ask = { ...Promise.withResolvers<void>(), generation }
    asks.push(ask)
    return ask.promise
  }
  const books = new ThreadBooks(memory, 0, now)
  const recorder = new Recorder({
    threadIndex: 0,
    ring,
    generations,
    books,
    journal: null,
    isBacklogFull: () => false,
    now,
    askForRoom,
  })
  const rows = (generation: number) => rowsOf(ring.snapshot(generation % HALF_COUNT))
  return { memory, ring, generations, recorder, clock, asks, rows }
}

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
