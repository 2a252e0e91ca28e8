import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import { setImmediate as turnEnd } from 'node:timers/promises'
import { expect } from 'chai'
import { BulkTooWideError, JournalError, RingFullError } from '../../lib/base/errors.ts'
import { sumOverThreads } from '../../lib/books/balance.ts'
import { bulkOf } from '../../lib/ingest/bulk.ts'
import { Segment } from '../../lib/journal/append/segment.ts'
import { parseName } from '../../lib/journal/files/names.ts'
import { MAX_SLOT_CLICKS } from '../../lib/memory/layout.ts'
import { BOT, DUPLICATE, VALID } from '../../lib/rows/classes.ts'
import {
  failing,
  read,
  replaceInFs,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
} from '../journal/journal-support.ts'
import { readBalance } from '../support/balance.ts'
import { MINUTE, newRecorder } from './new-recorder.ts'

const ROOM_WAIT_MS = 500

describe('recorder of bulks', () => {
  it('counts all of it in the minute of now, and acknowledges it with the tick', async () => {
    const { memory, recorder, rows } = newRecorder()
    const acknowledged: string[] = []
    void recorder.record(2, VALID, 1).then(() => acknowledged.push('click'))
    void recorder.recordAll(bulk([1, 1], [2, 5], [1, 3])).then(() => acknowledged.push('bulk'))
    for (let nth = 0; nth < 20; nth++) await Promise.resolve()
    expect(acknowledged).to.deep.equal([])
    await turnEnd()
    expect(acknowledged).to.deep.equal(['click', 'bulk'])
    expect(rows(1)).to.deep.equal([
      [1, MINUTE, 4],
      [2, MINUTE, 6],
    ])
    expect(readBalance(memory)).to.deep.equal({ accepted: 10, stored: 0, pending: 10, lost: 0 })
  })

  it('refuses it with all its clicks when what waits has no room left', async () => {
    const { memory, recorder, rows } = newRecorder({ isBacklogFull: () => true })
    expect(await rejection(recorder.recordAll(bulk([1, 2], [2, 5])))).to.be.instanceOf(JournalError)
    expect(rows(1)).to.deep.equal([])
    expect(sumOverThreads(memory, 'refusedJournal')).to.equal(7)
  })

  describe('without room', () => {
    it('waits for the flip and counts all of it behind, in the minute of its arrival', async () => {
      const { memory, recorder, generations, clock, rows, asks } = newRecorder({ maxBanners: 3 })
      clock.nowMs += 59_500
      const clicks = [
        recorder.record(1, VALID, 1),
        recorder.record(2, VALID, 1),
        recorder.recordAll(bulk([3, 7], [4, 8])),
      ]
      await clicks[0]
      const before = [
        [1, MINUTE, 1],
        [2, MINUTE, 1],
      ]
      expect(rows(1)).to.deep.equal(before)
      expect(readBalance(memory).accepted).to.equal(2)
      clock.nowMs += 600
      generations.flip(1)
      asks[0]!.resolve()
      await Promise.all(clicks)
      expect(rows(1)).to.deep.equal(before)
      expect(rows(2)).to.deep.equal([
        [3, MINUTE, 7],
        [4, MINUTE, 8],
      ])
      expect(readBalance(memory).accepted).to.equal(17)
      expect(asks.map(ask => ask.generation)).to.deep.equal([1])
    })

    it('counts none of its classes where one has no room, and all of them behind the flip', async () => {
      const { memory, recorder, ring, generations, rows, asks } = newRecorder()
      await recorder.record(1, VALID, 1)
      ring.add(1, MINUTE, 2, DUPLICATE, MAX_SLOT_CLICKS)
      const before = rows(1)
      const entries = [1, 2, 2, 3].map(id => ({ id, count: 5 }))
      const mixed = recorder.recordAll(bulkOf(entries, [VALID, BOT, DUPLICATE, VALID]))
      await turnEnd()
      expect(rows(1)).to.deep.equal(before)
      expect(readBalance(memory).accepted).to.equal(1)
      generations.flip(1)
      asks[0]!.resolve()
      await mixed
      expect(rows(1)).to.deep.equal(before)
      expect(readBalance(memory).accepted).to.equal(21)
      const clicks = ring.rows(0).clicks.map(column => [...column])
      expect(clicks).to.deep.equal([
        [5, 0, 5],
        [0, 5, 0],
        [0, 5, 0],
      ])
    })

    it('counts nothing of it when the next generation is full in its middle as well', async () => {
      const { memory, recorder, ring, generations, rows, asks } = newRecorder({ maxBanners: 2 })
      await recorder.record(1, VALID, 1)
      const taken = recorder.recordAll(bulk([1, 5], [2, 6], [1, 1]))
      const refused = rejection(recorder.recordAll(bulk([2, 6], [3, 7])))
      generations.flip(1)
      ring.add(0, MINUTE, 9, VALID, 1)
      asks[0]!.resolve()
      await taken
      expect(await refused).to.be.instanceOf(RingFullError)
      expect(rows(1)).to.deep.equal([
        [1, MINUTE, 7],
        [2, MINUTE, 6],
      ])
      expect(rows(2)).to.deep.equal([[9, MINUTE, 1]])
      expect(sumOverThreads(memory, 'refusedFull')).to.equal(13)
    })

    it('counts nothing of it when a slot would pass 2^31 − 1, and all of it behind the flip', async () => {
      const { recorder, ring, generations, rows, asks } = newRecorder()
      ring.add(1, MINUTE, 5, VALID, MAX_SLOT_CLICKS - 3)
      const before = rows(1)
      const click = recorder.recordAll(bulk([4, 2], [5, 4], [6, 1]))
      await turnEnd()
      expect(rows(1)).to.deep.equal(before)
      generations.flip(1)
      asks[0]!.resolve()
      await click
      expect(rows(2).map(([id, , clicks]) => [id, clicks])).to.deep.equal([
        [4, 2],
        [5, 4],
        [6, 1],
      ])
    })

    it('refuses it half a second after its arrival when nobody flips', async () => {
      mock.timers.enable({ apis: ['setTimeout'] })
      try {
        const { memory, recorder, rows } = newRecorder({ maxBanners: 2 })
        await recorder.record(1, VALID, 1)
        const refused = rejection(recorder.recordAll(bulk([2, 5], [3, 6])))
        await turnEnd()
        mock.timers.tick(ROOM_WAIT_MS)
        expect(await refused).to.be.instanceOf(RingFullError)
        expect(rows(1)).to.deep.equal([[1, MINUTE, 1]])
        expect(sumOverThreads(memory, 'refusedFull')).to.equal(11)
        expect(readBalance(memory).accepted).to.equal(1)
      } finally {
        mock.timers.reset()
      }
    })

    it('refuses at once, using no slots and asking for no flip, what no ring of this size can hold', async () => {
      const { memory, recorder, ring, asks } = newRecorder({ maxBanners: 100 })
      const refused = await rejection(recorder.recordAll(bulk(...pairs(101))))
      expect(refused).to.be.instanceOf(BulkTooWideError)
      expect(refused.message).to.match(/100 banners.*101/)
      expect(ring.slotsUsed(1)).to.equal(0)
      expect(asks).to.deep.equal([])
      expect(sumOverThreads(memory, 'refusedFull')).to.equal(101)
      await recorder.recordAll(bulk(...pairs(100)))
      expect(readBalance(memory).accepted).to.equal(100)
    })
  })

  describe('with a journal', () => {
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

    it('takes every click of a tick that cannot be written back, its bulks and single clicks', async () => {
      const { memory, recorder, rows } = newRecorder({ journal: segment })
      await recorder.recordAll(bulk([1, 5], [2, 1]))
      const before = rows(1)
      {
        using _ = replaceInFs({ writeSync: failing('ENOSPC') as never })
        const outcomes = await Promise.allSettled([
          recorder.record(1, VALID, 7),
          recorder.recordAll(bulk([1, 2], [3, 4])),
          recorder.recordAll(bulk([3, 1])),
        ])
        for (const outcome of outcomes)
          expect(outcome).to.have.property('reason').that.is.instanceOf(JournalError)
      }
      expect(rows(1)).to.deep.equal(before)
      expect(sumOverThreads(memory, 'refusedJournal')).to.equal(14)
      expect(readBalance(memory)).to.deep.equal({ accepted: 6, stored: 0, pending: 6, lost: 0 })
      expect(sumOf(journaled())).to.equal(6)
    })

    it('leaves all of a bulk or nothing when the write is cut at any byte', async () => {
      const { recorder, generations, clock, asks } = newRecorder({ journal: segment, maxBanners: 20 })
      clock.nowMs += 59_500
      // One of them has waited for room, and has another minute than the rest.
      await recorder.recordAll(bulk(...pairs(20)))
      const clicks = [recorder.recordAll(bulk([21, 1], [22, 1]))]
      await turnEnd()
      generations.flip(1)
      clock.nowMs += 600
      clicks.push(
        recorder.record(1, VALID, 1000),
        recorder.recordAll(bulk([1, 3], [2, 4])),
        recorder.recordAll(bulk([1, 50], [3, 60], [4, 70])),
      )
      for (const ask of asks) ask.resolve()
      await Promise.all(clicks)
      const possible = new Set([0, 1000, 1007, 1187, 1189])
      const seen = new Set<number>()
      const file = content(2)
      for (let bytes = 0; bytes <= file.bytes.length; bytes++) {
        const { pairs, isDamaged } = read(file.bytes.subarray(0, bytes), file.key)
        expect(isDamaged).to.equal(false)
        expect(possible).to.include(sumOf(pairs))
        seen.add(sumOf(pairs))
      }
      expect([...seen]).to.deep.equal([...possible])
    })

    it('is written with the tick in one go', async () => {
      const { recorder } = newRecorder({ journal: segment })
      await Promise.all([
        recorder.record(1, VALID, 1),
        recorder.recordAll(bulk([1, 2], [2, 3])),
        recorder.recordAll(bulk([1, 4])),
      ])
      expect(journaled().map(([, id, clicks]) => [id, clicks])).to.deep.equal([
        [1, 1],
        [1, 2],
        [2, 3],
        [1, 4],
      ])
    })

    function content(generation: number) {
      for (const name of readdirSync(directory.path)) {
        const file = parseName(name)
        if (file?.kind === 'ticks' && file.key.lastGeneration === generation)
          return { bytes: readFileSync(join(directory.path, name)), key: file.key }
      }
      throw new Error(`generation ${generation} has no file`)
    }

    /** Generation 1: minute, banner and clicks. */
    function journaled(): number[][] {
      const { bytes, key } = content(1)
      return read(bytes, key).pairs
    }
  })
})

function bulk(...pairs: [id: number, count: number][]) {
  return bulkOf(
    pairs.map(([id, count]) => ({ id, count })),
    null,
  )
}

/** One click each of so many banners. */
function pairs(count: number): [number, number][] {
  return Array.from({ length: count }, (_, nth) => [nth + 1, 1])
}

function sumOf(pairs: readonly (readonly number[])[]): number {
  return pairs.reduce((sum, pair) => sum + pair[2]!, 0)
}

function rejection(promise: Promise<void>): Promise<Error> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    (error: Error) => error,
  )
}
