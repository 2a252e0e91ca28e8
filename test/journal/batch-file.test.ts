import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { JournalReadError } from '../../lib/base/errors.ts'
import { encodeBatch, readFiles, readGeneration } from '../../lib/journal/files/batch-file.ts'
import type { FileKey } from '../../lib/journal/files/format.ts'
import { batchName, ticksName } from '../../lib/journal/files/names.ts'
import { batchOf } from '../../lib/rows/batch.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { Sums } from '../../lib/rows/sums.ts'
import { rowsOf } from '../support/rows.ts'
import {
  anyBannerId,
  anyClass,
  anyMinute,
  encode,
  failing,
  KEY,
  OTHER_WRITER,
  type Pair,
  read,
  replaceInFs,
  type TemporaryDirectory,
  type TickRecord,
  temporaryDirectory,
  WRITER,
} from './journal-support.ts'

const BATCH_KEY = { ...KEY, lastGeneration: 12, thread: 0 }

describe('a batch in a file', () => {
  let directory: TemporaryDirectory
  beforeEach(() => {
    directory = temporaryDirectory()
  })
  afterEach(() => directory[Symbol.dispose]())

  it('comes back row by row', () => {
    const anyRow = fc.tuple(anyMinute, anyBannerId, fc.integer({ min: 1, max: 2 ** 40 }), anyClass)
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 30 }), rows => {
        const batch = batchFrom(rows)
        const { pairs, isDamaged } = read(encodeBatch(BATCH_KEY, batch), BATCH_KEY)
        expect(isDamaged).to.equal(false)
        const expected = rowsOf(batch)
        expect(rowsOf(batchFrom(pairs))).to.deep.equal(expected)
      }),
      { numRuns: 50 },
    )
  })

  for (const clicks of [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, 2 ** 45 + 3])
    it(`may have ${clicks} clicks of a banner in a minute`, () => {
      const batch = batchFrom([
        [5, 1, clicks],
        [5, 2, 1],
      ])
      put(batchName(BATCH_KEY), encodeBatch(BATCH_KEY, batch))
      expect(rowsOf(readFiles(directory.path, [batchName(BATCH_KEY)]).rows)).to.deep.equal(rowsOf(batch))
    })

  it('may have more banners in a minute than a record takes', () => {
    const batch = batchFrom(Array.from({ length: 150_000 }, (_, id) => [5, id + 1, id + 1]))
    const reading = read(encodeBatch(BATCH_KEY, batch), BATCH_KEY)
    expect(reading).to.deep.include({ isDamaged: false, records: 3 })
    expect(reading.pairs.length).to.equal(150_000)
  })

  it('is summed up with the other files of its unit', () => {
    const names = [ticksName(KEY, 0), ticksName(KEY, 1)]
    put(names[0]!, encode(KEY, [[5, new Map([[1, 2]])]]))
    put(names[1]!, encode(KEY, [[5, new Map([[1, 3]])], [6, new Map([[1, 1]])]])) // biome-ignore format: a table
    const { rows, damaged } = readFiles(directory.path, names)
    expect(rowsOf(rows)).to.deep.equal([
      [1, 5, 5],
      [1, 6, 1],
    ])
    expect(damaged).to.deep.equal([])
  })

  it('that is damaged is named, and what can be read of it counts', () => {
    const content = encode(KEY, [
      [5, new Map([[1, 2]])],
      [5, new Map([[2, 4]])],
    ])
    content[content.length - 1]! ^= 1
    const name = ticksName(KEY, 0)
    put(name, content)
    const { rows, damaged } = readFiles(directory.path, [name])
    expect({ rows: rowsOf(rows), damaged }).to.deep.equal({ rows: [[1, 5, 2]], damaged: [name] })
  })

  it('is damaged wherever it is cut: it got its name when it was whole', () => {
    const name = batchName(BATCH_KEY)
    const content = encodeBatch(BATCH_KEY, batchFrom([[5, 1, 2], [6, 1, 3]])) // biome-ignore format: a table
    for (let bytes = 0; bytes <= content.length; bytes++) {
      put(name, content.subarray(0, bytes))
      const { damaged } = readFiles(directory.path, [name])
      expect(damaged, `${bytes} bytes`).to.deep.equal(bytes === content.length ? [] : [name])
    }
  })

  it('is damaged when a record is missing, doubled, or behind its end', () => {
    const name = batchName(BATCH_KEY)
    const content = encodeBatch(BATCH_KEY, batchFrom([[5, 1, 2], [6, 1, 3]])) // biome-ignore format: a table
    const parts = [0, 40, 72, 104].map((start, index, starts) => content.subarray(start, starts[index + 1]))
    const [header, first, second, end] = parts as [Buffer, Buffer, Buffer, Buffer]
    const wrong = [
      [header, first, end],
      [header, second, end],
      [header, end],
      [header, first, first, second, end],
      [header, first, end, second],
      [header, first, second, end, end],
      [header, first, second, end, second],
    ]
    for (const pieces of [[header, first, second, end], ...wrong]) {
      put(name, Buffer.concat(pieces))
      const { damaged } = readFiles(directory.path, [name])
      expect(damaged, `pieces ${pieces.length}`).to.deep.equal(wrong.includes(pieces) ? [name] : [])
    }
  })

  it('is not waited for when a FIFO is in its place, and no link is followed', () => {
    const [fifo, link] = [0, 1].map(sequence => ticksName(KEY, sequence)) as [string, string]
    spawnSync('mkfifo', [join(directory.path, fifo)])
    put('elsewhere', encode(KEY, [[5, new Map([[1, 2]])]]))
    symlinkSync('elsewhere', join(directory.path, link))
    const { rows, damaged } = readFiles(directory.path, [fifo, link])
    expect({ rows: rowsOf(rows), damaged }).to.deep.equal({ rows: [], damaged: [link] })
  })

  describe('that cannot be read at all', () => {
    const good = ticksName(KEY, 0)
    const bad = ticksName(KEY, 1)
    beforeEach(() => put(good, encode(KEY, [[5, new Map([[1, 2]])]])))

    it('is named as damaged, so that it does not hold up what waits behind it', () => {
      mkdirSync(join(directory.path, bad))
      const { rows, damaged } = readFiles(directory.path, [bad, good])
      expect({ rows: rowsOf(rows), damaged }).to.deep.equal({ rows: [[1, 5, 2]], damaged: [bad] })
    })

    for (const code of ['EIO', 'EACCES'])
      it(`because of ${code} is damaged too`, () => {
        using _ = replaceInFs({ readFileSync: failing(code) as never })
        expect(readFiles(directory.path, [good]).damaged).to.deep.equal([good])
      })

    for (const code of ['EMFILE', 'ENFILE', 'ENOMEM'])
      it(`because this process is short of something (${code}) is tried again: the file is sound`, () => {
        using _ = replaceInFs({ readFileSync: failing(code) as never })
        expect(() => readFiles(directory.path, [good])).to.throw(JournalReadError, code)
      })
  })

  function put(name: string, content: Buffer): void {
    writeFileSync(join(directory.path, name), content)
  }
})

describe('what threads have journaled in a generation', () => {
  let directory: TemporaryDirectory
  beforeEach(() => {
    directory = temporaryDirectory()
  })
  afterEach(() => directory[Symbol.dispose]())

  it('is read from the files of all, also of those that died; what is torn of them is left out', () => {
    put(KEY, 0, 0, [[5, new Map([[1, 2]])]])
    // The thread died, and its successor has another file.
    put(KEY, 1, 0, [[5, new Map([[1, 10]])]])
    const other = { ...KEY, thread: 0 }
    const torn = encode(other, [[5, new Map([[3, 1]])], [5, new Map([[4, 1]])]]).subarray(0, -1) // biome-ignore format: a table
    writeFileSync(join(directory.path, ticksName(other, 0)), torn)
    for (const key of [
      { ...KEY, firstGeneration: 8, lastGeneration: 8 },
      { ...KEY, writer: OTHER_WRITER },
    ])
      put(key, 0, 0, [[5, new Map([[1, 100]])]])
    expect(rowsOf(readGeneration(directory.path, WRITER, 7).rows)).to.deep.equal([
      [1, 5, 12],
      [3, 5, 1],
    ])
    expect(rowsOf(readGeneration(directory.path, WRITER, 9).rows)).to.deep.equal([])
  })

  it('is not known whole when a file of it is damaged, and at all when one cannot be read', () => {
    put(KEY, 0, 1, [[5, new Map([[1, 2]])]])
    expect(readGeneration(directory.path, WRITER, 7).damaged).to.have.lengthOf(1)
    put(KEY, 0, 0, [[5, new Map([[1, 2]])]])
    expect(readGeneration(directory.path, WRITER, 7).damaged).to.deep.equal([])
    for (const call of ['readFileSync', 'readdirSync'] as const) {
      using _ = replaceInFs({ [call]: failing('EMFILE') })
      expect(() => readGeneration(directory.path, WRITER, 7), call).to.throw('EMFILE')
    }
  })

  function put(key: FileKey, sequence: number, flipped: number, records: readonly TickRecord[]): void {
    const content = encode(key, records)
    content[content.length - 1]! ^= flipped
    writeFileSync(join(directory.path, ticksName(key, sequence)), content)
  }
})

function batchFrom(rows: readonly Readonly<Pair>[]) {
  const sums = new Sums()
  for (const [minute, bannerId, clicks, clickClass = VALID] of rows)
    sums.add(minute, bannerId, clickClass, clicks)
  return batchOf(12, sums.rows())
}
