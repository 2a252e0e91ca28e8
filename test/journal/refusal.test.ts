import fs, { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { JournalError } from '../../lib/base/errors.ts'
import { keyedUseOfHalf, sumOverThreads } from '../../lib/books/balance.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { Recorder } from '../../lib/ingest/recorder.ts'
import { Segment } from '../../lib/journal/append/segment.ts'
import { parseName } from '../../lib/journal/files/names.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { readBalance } from '../support/balance.ts'
import { rowsOf } from '../support/rows.ts'
import {
  failing,
  read,
  replaceInFs,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
} from './journal-support.ts'

const MINUTE = 28_000_000

describe('a tick that cannot be journaled', () => {
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

  it('is refused as a whole: out of the ring, out of the file, and in the books as refused', async () => {
    const { memory, recorder, ring } = newRecorder(segment)
    await Promise.all([recorder.record(1, VALID, 5), recorder.record(2, VALID, 1)])
    {
      using _ = replaceInFs({ writeSync: failing('ENOSPC') as never })
      const outcomes = await Promise.allSettled([
        recorder.record(1, VALID, 7),
        recorder.record(3, VALID, 2),
        recorder.record(1, VALID, 1),
      ])
      for (const outcome of outcomes)
        expect(outcome).to.have.property('reason').that.is.instanceOf(JournalError)
    }
    const expected = [
      [1, MINUTE, 5],
      [2, MINUTE, 1],
    ]
    expect(rowsOf(ring.rows(1))).to.deep.equal(expected)
    expect(journaled()).to.deep.equal(expected)
    expect(sumOverThreads(memory, 'refusedJournal')).to.equal(10)
    expect(readBalance(memory)).to.deep.equal({ accepted: 6, stored: 0, pending: 6, lost: 0 })
  })

  it('leaves its generation, so that a flush does not wait for it', async () => {
    const { recorder, generations } = newRecorder(segment)
    using _ = replaceInFs({ openSync: failing('EMFILE') })
    const refused = recorder.record(1, VALID, 1)
    generations.flip(1)
    const quiet = generations.quiet(1)
    await Promise.allSettled([refused])
    await quiet
  })

  it('does not stand in the way of the next one', async () => {
    const { memory, recorder, ring } = newRecorder(segment)
    {
      using _ = replaceInFs({ writeSync: failing('EIO') as never })
      await Promise.allSettled([recorder.record(1, VALID, 7)])
    }
    await recorder.record(1, VALID, 1)
    expect(rowsOf(ring.rows(1))).to.deep.equal([[1, MINUTE, 1]])
    expect(journaled()).to.deep.equal([[1, MINUTE, 1]])
    expect(readBalance(memory)).to.deep.equal({ accepted: 1, stored: 0, pending: 1, lost: 0 })
  })

  it('is written in one go, whatever number of clicks it has', async () => {
    const { recorder } = newRecorder(segment)
    const { writeSync } = fs
    let writes = 0
    using _ = replaceInFs({
      writeSync: ((...operands: Parameters<typeof writeSync>) => {
        writes++
        return writeSync(...operands)
      }) as typeof writeSync,
    })
    await Promise.all(Array.from({ length: 500 }, (_, click) => recorder.record(1 + (click % 9), VALID, 1)))
    expect(writes).to.equal(1)
    expect(journaled().reduce((sum, [, , clicks]) => sum + clicks!, 0)).to.equal(500)
  })

  /** Banner, minute and clicks of all records. */
  function journaled(): number[][] {
    return readdirSync(directory.path).flatMap(name => {
      const file = parseName(name)
      if (file === null || file.kind === 'writer') throw new Error(`an unexpected file: ${name}`)
      const { pairs } = read(readFileSync(join(directory.path, name)), file.key)
      return pairs.map(([minute, bannerId, clicks]) => [bannerId, minute, clicks])
    })
  }
})

function newRecorder(journal: Segment) {
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 64 })
  const ring = new Ring(memory)
  const generations = new Generations(memory)
  const now = () => MINUTE * 60_000
  const recorder = new Recorder({
    threadIndex: 0,
    ring,
    generations,
    books: new ThreadBooks(memory, 0, now),
    journal,
    keyedUseOfHalf: half => keyedUseOfHalf(memory, half),
    isBacklogFull: () => false,
    maxTickRequests: Number.POSITIVE_INFINITY,
    now,
    askForRoom: () => Promise.reject(new Error('there is room')),
  })
  return { memory, ring, generations, recorder }
}
