import { readdirSync } from 'node:fs'
import { setImmediate as turnEnd } from 'node:timers/promises'
import { expect } from 'chai'
import { JournalError, RingFullError } from '../../lib/base/errors.ts'
import { clicksInHalf, keyedPairsInHalf, sumOverThreads } from '../../lib/books/balance.ts'
import { bulkOf } from '../../lib/ingest/bulk.ts'
import { Segment } from '../../lib/journal/append/segment.ts'
import { readFiles } from '../../lib/journal/files/batch-file.ts'
import { KEYED_BULK_USE, MAX_KEYED_USE } from '../../lib/memory/layout.ts'
import { BOT, NO_CLICKS, VALID } from '../../lib/rows/classes.ts'
import {
  failing,
  replaceInFs,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
} from '../journal/journal-support.ts'
import { readBalance } from '../support/balance.ts'
import { rowsOf } from '../support/rows.ts'
import { MINUTE, newRecorder } from './new-recorder.ts'

const FINGERPRINT = 'f'.repeat(32)

describe('recorder of keyed bulks', () => {
  let directory: TemporaryDirectory
  let segment: Segment
  beforeEach(() => {
    directory = temporaryDirectory()
    segment = new Segment({ directory: directory.path, writer: WRITER, sync: 'write', threadIndex: 0 })
  })
  afterEach(() => {
    segment.close()
    directory[Symbol.dispose]()
  })
  const identity = (key: string) => ({ key, fingerprint: FINGERPRINT })
  const journaled = () => {
    const { rows, keyed, damaged } = readFiles(directory.path, readdirSync(directory.path))
    expect(damaged).to.deep.equal([])
    return { rows: rowsOf(rows), keyed }
  }

  it('journals one with its key, books it by class, and leaves the ring to others', async () => {
    const { memory, recorder, ring, rows } = newRecorder({ journal: segment })
    const bulk = bulkOf([{ id: 1, count: 2 }, { id: 7 }, { id: 8 }], [VALID, BOT, BOT])
    const acknowledged: string[] = []
    void recorder.recordKeyed(bulk, identity('a')).then(() => acknowledged.push('keyed'))
    void recorder.record(3, VALID, 1).then(() => acknowledged.push('click'))
    for (let nth = 0; nth < 20; nth++) await Promise.resolve()
    expect(acknowledged).to.deep.equal([])
    await turnEnd()
    expect(acknowledged).to.deep.equal(['keyed', 'click'])
    expect(rows(1)).to.deep.equal([[3, MINUTE, 1]])
    expect(ring.slotsUsed(1)).to.equal(1)
    expect(clicksInHalf(memory, 1)).to.deep.equal([3, 2, 0])
    expect([0, 1].map(half => keyedPairsInHalf(memory, half))).to.deep.equal([0, 3])
    expect(journaled()).to.deep.equal({
      rows: [[3, MINUTE, 1]],
      keyed: [{ ...identity('a'), minute: MINUTE, parts: bulk.parts, totals: [2, 2, 0] }],
    })
  })

  it('takes one that has more banners than the ring has room for', async () => {
    const { memory, recorder } = newRecorder({ journal: segment, maxBanners: 2 })
    await recorder.recordKeyed(bulkOf(entries(100), null), identity('wide'))
    expect(readBalance(memory).accepted).to.equal(100)
  })

  it('refuses one with all its clicks when what waits has no room left', async () => {
    const { memory, recorder } = newRecorder({ journal: segment, isBacklogFull: () => true })
    const refused = await rejection(recorder.recordKeyed(bulkOf(entries(7), null), identity('a')))
    expect(refused).to.be.instanceOf(JournalError)
    expect(sumOverThreads(memory, 'refusedJournal')).to.equal(7)
    expect(readdirSync(directory.path)).to.deep.equal([])
  })

  it('refuses one whose tick cannot be written, and nothing of it stays', async () => {
    const { memory, recorder } = newRecorder({ journal: segment })
    await recorder.recordKeyed(bulkOf(entries(2), null), identity('first'))
    {
      using _ = replaceInFs({ writeSync: failing('ENOSPC') as never })
      const outcomes = await Promise.allSettled([
        recorder.record(9, VALID, 4),
        recorder.recordKeyed(bulkOf(entries(3), null), identity('second')),
      ])
      for (const outcome of outcomes)
        expect(outcome).to.have.property('reason').that.is.instanceOf(JournalError)
    }
    expect(sumOverThreads(memory, 'refusedJournal')).to.equal(7)
    expect(readBalance(memory)).to.deep.equal({ accepted: 2, stored: 0, pending: 2, lost: 0 })
    expect(keyedPairsInHalf(memory, 1)).to.equal(2)
    expect(journaled().keyed.map(({ key }) => key)).to.deep.equal(['first'])
  })

  describe('of which a generation has as many as it takes', () => {
    const FULL = MAX_KEYED_USE - 5 - KEYED_BULK_USE
    /** A thread that has booked them: its index is that of the recorder. */
    const full = (of: Parameters<typeof newRecorder>[0] = {}) => {
      const all = newRecorder({ journal: segment, ...of })
      all.memory.f64[all.memory.threadNumberIndex(0, 'keyedPairsInHalf1')] = FULL
      return all
    }

    it('asks for a flip, and counts the next one behind it, in the minute of its arrival', async () => {
      const { memory, recorder, generations, clock, asks } = full()
      clock.nowMs += 59_500
      await recorder.recordKeyed(bulkOf(entries(5), null), identity('fits'))
      const waiting = recorder.recordKeyed(bulkOf(entries(1), null), identity('waits'))
      await turnEnd()
      expect(clicksInHalf(memory, 1)).to.deep.equal([5, 0, 0])
      expect(asks.map(({ generation }) => generation)).to.deep.equal([1])
      clock.nowMs += 600
      generations.flip(1)
      asks[0]!.resolve()
      await waiting
      expect(clicksInHalf(memory, 0)).to.deep.equal([1, 0, 0])
      expect(journaled().keyed.map(({ key, minute }) => [key, minute])).to.deep.equal([
        ['fits', MINUTE],
        ['waits', MINUTE],
      ])
    })

    it('counts those of the same tick as well', async () => {
      const { memory, recorder, asks } = full()
      const fits = recorder.recordKeyed(bulkOf(entries(5), null), identity('fits'))
      const refused = rejection(recorder.recordKeyed(bulkOf(entries(1), null), identity('late')))
      await fits
      asks[0]!.reject(new Error('nobody flips'))
      expect(await refused).to.be.instanceOf(RingFullError)
      expect(clicksInHalf(memory, 1)).to.deep.equal([5, 0, 0])
      expect(sumOverThreads(memory, 'refusedFull')).to.equal(1)
    })

    it('counts what small ones take beside their pairs', async () => {
      const { recorder, asks } = newRecorder({ journal: segment })
      const most = MAX_KEYED_USE / (1 + KEYED_BULK_USE)
      const all = Array.from({ length: Math.floor(most) }, (_, nth) =>
        recorder.recordKeyed(bulkOf(entries(1), null), identity(`${nth}`)),
      )
      await Promise.all(all)
      const waiting = rejection(recorder.recordKeyed(bulkOf(entries(1), null), identity('more')))
      asks[0]!.reject(new Error('nobody flips'))
      expect(await waiting).to.be.instanceOf(RingFullError)
    })

    it('asks early, when half of that has come', async () => {
      const { memory, recorder, asks } = newRecorder({ journal: segment })
      memory.f64[memory.threadNumberIndex(0, 'keyedPairsInHalf1')] = MAX_KEYED_USE / 2 - 1 - KEYED_BULK_USE
      await recorder.recordKeyed(bulkOf(entries(1), null), identity('before'))
      expect(asks).to.deep.equal([])
      await recorder.recordKeyed(bulkOf(entries(1), null), identity('behind'))
      expect(asks.map(({ generation }) => generation)).to.deep.equal([1])
      expect(clicksInHalf(memory, 0)).to.deep.equal(NO_CLICKS)
    })
  })
})

function entries(count: number) {
  return Array.from({ length: count }, (_, nth) => ({ id: nth + 1 }))
}

function rejection(promise: Promise<void>): Promise<Error> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    (error: Error) => error,
  )
}
