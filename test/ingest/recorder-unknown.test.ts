import { setImmediate as turnEnd } from 'node:timers/promises'
import { expect } from 'chai'
import { BulkTooUnknownError, BulkTooWideError, RingFullError } from '../../lib/base/errors.ts'
import { sumOverThreads } from '../../lib/books/balance.ts'
import { bulkOf } from '../../lib/ingest/bulk.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { RegisteredBanners } from '../ring/model.ts'
import { MINUTE, newRecorder } from './new-recorder.ts'

/** Ids from here on are registered by no test, unless it says so. */
const UNKNOWN = 1_000_000

describe('recorder of banners that nobody registered', () => {
  it('lets them wait for the flip, and registered ones count meanwhile', async () => {
    const { recorder, generations, rows, asks } = recorderOf({ maxBanners: 4, registeredCount: 3 })
    await recorder.record(UNKNOWN, VALID, 1)
    const waiting = recorder.record(UNKNOWN + 1, VALID, 1)
    for (const bannerId of [1, 2, 3]) await recorder.record(bannerId, VALID, 1)
    expect(rows(1).map(([bannerId]) => bannerId)).to.deep.equal([1, 2, 3, UNKNOWN])
    generations.flip(1)
    asks[0]!.resolve()
    await waiting
    expect(rows(2)).to.deep.equal([[UNKNOWN + 1, MINUTE, 1]])
  })

  it('goes by who is registered when the click comes back', async () => {
    const { recorder, registered, generations, rows, asks, refused } = recorderOf({
      maxBanners: 4,
      registeredCount: 3,
    })
    await recorder.record(UNKNOWN, VALID, 1)
    const clicks = [1, 2, 3].map(nth => outcome(recorder.record(UNKNOWN + nth, VALID, 1)))
    await turnEnd()
    registered.ids.add(UNKNOWN + 2)
    generations.flip(1)
    asks[0]!.resolve()
    expect(await Promise.all(clicks)).to.deep.equal(['counted', 'counted', RingFullError])
    expect(rows(2).map(([bannerId]) => bannerId)).to.deep.equal([UNKNOWN + 1, UNKNOWN + 2])
    expect(refused()).to.deep.equal({ full: 1, unknown: 1 })
  })

  it('lets a registered one wait while unknown ones have all the room, and finds room after the flip', async () => {
    const { recorder, registered, generations, rows, asks } = recorderOf({
      maxBanners: 2,
      registeredCount: 0,
    })
    for (const nth of [0, 1]) await recorder.record(UNKNOWN + nth, VALID, 1)
    registered.ids.add(1)
    const clicks = [UNKNOWN + 2, UNKNOWN + 3, 1].map(id => outcome(recorder.record(id, VALID, 1)))
    await turnEnd()
    generations.flip(1)
    asks[0]!.resolve()
    expect(await Promise.all(clicks)).to.deep.equal(['counted', RingFullError, 'counted'])
    expect(rows(2).map(([bannerId]) => bannerId)).to.deep.equal([1, UNKNOWN + 2])
  })

  it('counts what it refuses them, and what it refuses bulks with one of them', async () => {
    const { recorder, asks, refused } = recorderOf({ maxBanners: 4, registeredCount: 3 })
    await recorder.recordAll(bulk(1, 2, UNKNOWN))
    const clicks = [recorder.record(UNKNOWN + 1, VALID, 1), recorder.recordAll(bulk(1, 2, UNKNOWN + 1))].map(
      outcome,
    )
    asks[0]!.reject(new Error('no'))
    expect(await Promise.all(clicks)).to.deep.equal([RingFullError, RingFullError])
    expect(refused()).to.deep.equal({ full: 4, unknown: 4 })
  })

  it('counts refusals as ever while no banner is registered', async () => {
    const { recorder, asks, refused } = recorderOf({ maxBanners: 1, registeredCount: 0 })
    await recorder.record(1, VALID, 1)
    const click = outcome(recorder.record(2, VALID, 1))
    asks[0]!.reject(new Error('no'))
    expect(await click).to.equal(RingFullError)
    expect(refused()).to.deep.equal({ full: 1, unknown: 0 })
  })

  it('changes nothing for them when one banner is registered, whether it is clicked or not', async () => {
    const seen = []
    for (const registeredCount of [0, 1]) {
      const { recorder, asks, rows } = recorderOf({ maxBanners: 100, registeredCount })
      for (let nth = 0; nth < 99; nth++) await recorder.record(UNKNOWN + nth, VALID, 1)
      seen.push({ rows: rows(1), asked: asks.map(({ generation }) => generation) })
      await recorder.record(1, VALID, 1)
    }
    expect(seen[0]!.rows).to.have.length(99)
    expect(seen[1]).to.deep.equal(seen[0])
  })

  describe('in a bulk', () => {
    it('refuses at once, using no slots and asking for no flip, more of them than ever find room', async () => {
      const { recorder, ring, asks, refused } = recorderOf({ maxBanners: 8, registeredCount: 6 })
      const tooMany = bulk(1, 2, UNKNOWN, UNKNOWN + 1, UNKNOWN + 2)
      const error = await recorder.recordAll(tooMany).catch((error: Error) => error)
      expect(error).to.be.instanceOf(BulkTooUnknownError)
      expect((error as Error).message).to.match(/holds 2 banners a minute that nobody registered.* 3:/)
      expect([ring.slotsUsed(1), asks.length]).to.deep.equal([0, 0])
      expect(refused()).to.deep.equal({ full: 5, unknown: 0 })
    })

    it('counts as many of them as there is room for, beside all registered ones', async () => {
      const { recorder, rows } = recorderOf({ maxBanners: 8, registeredCount: 6 })
      await recorder.recordAll(bulk(UNKNOWN, 1, 2, 3, 4, 5, 6, UNKNOWN + 1))
      expect(rows(1)).to.have.length(8)
    })

    it('is too wide first when it has more banners than a minute holds', async () => {
      const { recorder } = recorderOf({ maxBanners: 4, registeredCount: 3 })
      const wide = bulk(...Array.from({ length: 5 }, (_, nth) => UNKNOWN + nth))
      expect(await outcome(recorder.recordAll(wide))).to.equal(BulkTooWideError)
    })

    it('waits for the flip with all its banners when there is no room for its unknown ones now', async () => {
      const { recorder, generations, rows, asks } = recorderOf({ maxBanners: 4, registeredCount: 3 })
      await recorder.record(UNKNOWN, VALID, 1)
      const waiting = recorder.recordAll(bulk(1, UNKNOWN + 1))
      await turnEnd()
      expect(rows(1).map(([bannerId]) => bannerId)).to.deep.equal([UNKNOWN])
      generations.flip(1)
      asks[0]!.resolve()
      await waiting
      expect(rows(2).map(([bannerId]) => bannerId)).to.deep.equal([1, UNKNOWN + 1])
    })
  })
})

/** With banners from 1 on registered. */
function recorderOf({ maxBanners, registeredCount }: { maxBanners: number; registeredCount: number }) {
  const registered = new RegisteredBanners(Array.from({ length: registeredCount }, (_, nth) => nth + 1))
  const made = newRecorder({ maxBanners, registered })
  const refused = () => ({
    full: sumOverThreads(made.memory, 'refusedFull'),
    unknown: sumOverThreads(made.memory, 'refusedUnknown'),
  })
  return { ...made, registered, refused }
}

/** A click for each banner. */
function bulk(...bannerIds: number[]) {
  return bulkOf(
    bannerIds.map(id => ({ id })),
    null,
  )
}

/** `counted`, or the class of the error. */
function outcome(promise: Promise<void>) {
  return promise.then(
    () => 'counted',
    (error: Error) => error.constructor,
  )
}
