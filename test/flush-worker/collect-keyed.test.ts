import { expect } from 'chai'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { collect } from '../../lib/flush-worker/collect.ts'
import type { FilesReading } from '../../lib/journal/files/batch-file.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { BOT, VALID } from '../../lib/rows/classes.ts'
import type { KeyedBulk } from '../../lib/rows/keyed-bulk.ts'
import { keyed, keyedClicks } from '../support/keyed.ts'
import { readingOf, unreadable } from '../support/reading.ts'
import { type Row, rowsFrom, rowsOf } from '../support/rows.ts'

const MINUTE = 28_900_000
const FIRST = keyed('a', MINUTE, [
  [VALID, 1, 5, 2, 6],
  [BOT, 1, 7],
])
const SECOND = keyedClicks('b', MINUTE, 1, 100)
/** Of the ring, which the journal has as well. */
const CLICKED: Row = [9, MINUTE, 4]

describe('collecting a generation with keyed bulks', () => {
  it('brings them from the journal, beside the rows of the ring, and counts them in the totals', async () => {
    const worker = newWorker()
    worker.click()
    worker.journal(FIRST, SECOND)
    const { batch, journalFault, bulksLostIn } = await worker.collect()
    expect(rowsOf(batch)).to.deep.equal([CLICKED])
    expect(batch.keyed).to.deep.equal([FIRST, SECOND])
    expect(batch.totals).to.deep.equal([4 + 11 + 100, 7, 0])
    expect([journalFault, bulksLostIn]).to.deep.equal([null, null])
  })

  it('reads the journal for no other generation', async () => {
    const worker = newWorker()
    for (const has of [false, true, false, false]) {
      worker.click()
      if (has) worker.journal(FIRST)
      expect((await worker.collect()).batch.keyed).to.have.lengthOf(has ? 1 : 0)
    }
    expect(worker.read).to.deep.equal([2])
  })

  it('waits until the journal can be read, and loses nothing meanwhile', async () => {
    const worker = newWorker()
    worker.click()
    worker.journal(FIRST)
    worker.readingIs(unreadable)
    for (let tries = 0; tries < 2; tries++)
      expect(
        await worker.collect().then(
          () => null,
          (error: Error) => error.message,
        ),
      ).to.equal('EMFILE')
    worker.readingIs(null)
    const { batch } = await worker.collect()
    expect([rowsOf(batch), batch.keyed]).to.deep.equal([[CLICKED], [FIRST]])
  })

  it('says that some are lost, and in which files, when they are damaged', async () => {
    const worker = newWorker()
    worker.click()
    worker.journal(FIRST, SECOND)
    worker.readingIs(() => ({ ...readingOf(rowsFrom([]), [SECOND]), damaged: ['file'] }))
    const { batch, bulksLostIn } = await worker.collect()
    expect([rowsOf(batch), batch.keyed]).to.deep.equal([[CLICKED], [SECOND]])
    expect(bulksLostIn).to.deep.equal(['file'])
  })

  it('takes no bulk for lost over damage elsewhere in the files', async () => {
    const worker = newWorker()
    worker.journal(FIRST)
    worker.readingIs(() => ({ ...readingOf(rowsFrom([]), [FIRST]), damaged: ['file'] }))
    expect((await worker.collect()).bulksLostIn).to.equal(null)
  })

  it('that a thread died in takes rows and bulks from the journal, also those that nobody booked', async () => {
    const worker = newWorker()
    worker.click()
    worker.journal(FIRST)
    worker.die(SECOND)
    const { batch, journalFault } = await worker.collect()
    expect([rowsOf(batch), batch.keyed, journalFault]).to.deep.equal([[CLICKED], [FIRST, SECOND], null])
  })

  it('that a thread died in takes the ring, and the bulks that there are, when the journal is short', async () => {
    const worker = newWorker()
    worker.click()
    worker.journal(FIRST)
    worker.die()
    worker.readingIs(() => readingOf(rowsFrom([]), [FIRST]))
    const { batch, journalFault, bulksLostIn } = await worker.collect()
    expect([rowsOf(batch), batch.keyed]).to.deep.equal([[CLICKED], [FIRST]])
    expect([journalFault, bulksLostIn]).to.deep.equal(['short', null])
  })
})

/** A flush worker, and a thread with its journal. */
function newWorker() {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 10 })
  const [ring, generations] = [new Ring(memory), new Generations(memory)]
  const books = new ThreadBooks(memory, 0, () => 0)
  const read: number[] = []
  let journaled: { clicked: boolean; bulks: KeyedBulk[] } = { clicked: false, bulks: [] }
  let reading: (() => FilesReading) | null = null
  let collected = 0
  return {
    read,
    click() {
      const half = generations.current % HALF_COUNT
      ring.add(half, MINUTE, CLICKED[0], VALID, CLICKED[2])
      books.accept(half, [CLICKED[2], 0, 0])
      journaled.clicked = true
    },
    journal(...bulks: KeyedBulk[]) {
      for (const { totals, parts } of bulks)
        books.accept(
          generations.current % HALF_COUNT,
          totals,
          parts.reduce((sum, { pairs }) => sum + pairs.length / 2, 0),
          1,
        )
      journaled.bulks.push(...bulks)
    },
    /** After it has journaled these, and before it books them. */
    die(...bulks: KeyedBulk[]) {
      generations.enter(0)
      journaled.bulks.push(...bulks)
      generations.release(0)
    },
    /** null: what is journaled. */
    readingIs(next: (() => FilesReading) | null) {
      reading = next
    },
    async collect() {
      const result = await collect(memory, ring, generations, collected, generation => {
        read.push(generation)
        return reading?.() ?? readingOf(rowsFrom(journaled.clicked ? [CLICKED] : []), journaled.bulks)
      })
      collected++
      journaled = { clicked: false, bulks: [] }
      return result
    },
  }
}
