import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turnEnd } from 'node:timers/promises'
import { expect } from 'chai'
import { clicksInHalf } from '../../lib/books/balance.ts'
import { collect } from '../../lib/flush-worker/collect.ts'
import { bulkOf } from '../../lib/ingest/bulk.ts'
import { Segment } from '../../lib/journal/append/segment.ts'
import { readGeneration } from '../../lib/journal/files/batch-file.ts'
import { BOT, VALID } from '../../lib/rows/classes.ts'
import { Sums } from '../../lib/rows/sums.ts'
import { MINUTE, newRecorder } from '../ingest/new-recorder.ts'
import {
  failing,
  replaceInFs,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
} from '../journal/journal-support.ts'
import { keyedClicks } from '../support/keyed.ts'
import { rowsOf } from '../support/rows.ts'

const FINGERPRINT = 'a'.repeat(32)

/** With the recorder, the journal and its reader as they are. */
describe('keyed bulks on their way from a request thread to the flush worker', () => {
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

  /** A recorder with its journal, and the flush worker that collects what it has counted. */
  function begin() {
    const thread = newRecorder({ journal: segment })
    const { memory, ring, generations } = thread
    const next = async (collected: number) => {
      const { batch, ...result } = await collect(memory, ring, generations, collected, generation =>
        readGeneration(directory.path, WRITER, generation),
      )
      return { rows: rowsOf(batch), keys: batch.keyed.map(({ key }) => key), totals: batch.totals, ...result }
    }
    const count = (key: string) => {
      const bulk = bulkOf([{ id: 7 }, { id: 8, count: 2 }], [VALID, BOT])
      return thread.recorder.recordKeyed(bulk, { key, fingerprint: FINGERPRINT })
    }
    return { ...thread, next, count }
  }

  it('are taken from its files, apart from the rows of the ring, in each generation anew', async () => {
    const { recorder, next, count } = begin()
    await Promise.all([recorder.record(1, VALID, 5), count('a'), count('b')])
    expect(await next(0)).to.deep.equal({
      rows: [[1, MINUTE, 5]],
      keys: ['a', 'b'],
      totals: [7, 4, 0],
      journalFault: null,
      bulksLostIn: null,
    })
    await count('c')
    expect(await next(1)).to.deep.include({ rows: [], keys: ['c'] })
    await recorder.record(1, VALID, 1)
    expect(await next(2)).to.deep.include({ rows: [[1, MINUTE, 1]], keys: [] })
  })

  for (const isJournaled of [true, false])
    it(`are taken ${isJournaled ? 'whole' : 'not at all'} where a thread died within its tick, ${isJournaled ? 'behind' : 'before'} its write`, async () => {
      const { memory, ring, generations, next, count } = begin()
      await count('acknowledged')
      const half = generations.enter(0) % 2
      ring.add(half, MINUTE, 1, VALID, 3)
      // Of the single click it had journaled nothing.
      if (isJournaled) segment.append(1, new Sums(), [], [keyedClicks('unanswered', MINUTE, 9, 4)])
      generations.release(0)
      expect(clicksInHalf(memory, half)).to.deep.equal([1, 2, 0])
      expect(await next(0)).to.deep.equal({
        rows: [],
        keys: ['acknowledged', ...(isJournaled ? ['unanswered'] : [])],
        totals: [isJournaled ? 5 : 1, 2, 0],
        journalFault: null,
        bulksLostIn: null,
      })
    })

  it('are not taken while the files cannot be read, and are the same for the next try', async () => {
    const { recorder, next, count } = begin()
    await Promise.all([recorder.record(1, VALID, 5), count('a')])
    {
      using _ = replaceInFs({ readFileSync: failing('EMFILE') as never })
      const error = await next(0).then(
        () => null,
        (error: Error) => error,
      )
      expect(error?.message).to.include('EMFILE')
    }
    void recorder.record(2, VALID, 1)
    await turnEnd()
    for (const _ of ['try', 'worker that died'])
      expect(await next(0)).to.deep.include({ rows: [[1, MINUTE, 5]], keys: ['a'] })
    expect(await next(1)).to.deep.include({ rows: [[2, MINUTE, 1]], keys: [] })
  })

  it('are missed when one of them is damaged: the result names the file, and has the others', async () => {
    const { next, count } = begin()
    await Promise.all([count('a'), count('b'), count('c')])
    const [name] = readdirSync(directory.path)
    const path = join(directory.path, name!)
    const content = readFileSync(path)
    content[content.indexOf(Buffer.from('b\0\0\0'))]! ^= 1
    writeFileSync(path, content)
    expect(await next(0)).to.deep.include({ keys: ['a', 'c'], totals: [2, 4, 0], bulksLostIn: [name] })
  })
})
