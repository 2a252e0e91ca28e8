import fs, { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { JournalError } from '../../lib/base/errors.ts'
import { FILE_HEADER_BYTES } from '../../lib/journal/files/format.ts'
import { ticksName } from '../../lib/journal/files/names.ts'
import { failing, KEY, replaceInFs, systemError } from './journal-support.ts'
import { PAIR, SegmentJournal, TWO_CLICKS } from './segment-support.ts'

const { writeSync } = fs

describe("a thread's part of the journal", () => {
  let journal: SegmentJournal
  beforeEach(() => {
    journal = new SegmentJournal()
  })
  afterEach(() => journal[Symbol.dispose]())

  describe('when a write fails', () => {
    for (const takenBytes of [0, 1, FILE_HEADER_BYTES, FILE_HEADER_BYTES + 5])
      it(`after ${takenBytes} bytes, in a new file: the file goes, and the next tick has another one`, () => {
        failOnce(takenBytes)
        expect(journal.files()).to.deep.equal({})
        journal.segment.append(7, TWO_CLICKS)
        expect(journal.files()).to.deep.equal({ [ticksName(KEY, 1)]: [PAIR] })
      })

    for (const takenBytes of [0, 1, 16, 27])
      it(`after ${takenBytes} bytes, the file is as it was, and the next tick has another one`, () => {
        journal.segment.append(7, TWO_CLICKS)
        const before = readFileSync(join(journal.path, ticksName(KEY, 0)))
        failOnce(takenBytes)
        expect(readFileSync(join(journal.path, ticksName(KEY, 0)))).to.deep.equal(before)
        journal.segment.append(7, TWO_CLICKS)
        expect(journal.files()).to.deep.equal({ [ticksName(KEY, 0)]: [PAIR], [ticksName(KEY, 1)]: [PAIR] })
      })

    it('because it took only a part, the rest is written and the tick is kept', () => {
      using _ = replaceInFs({ writeSync: shortWrites(3) })
      journal.segment.append(7, TWO_CLICKS)
      expect(journal.files()).to.deep.equal({ [ticksName(KEY, 0)]: [PAIR] })
    })

    it('and the file cannot be cut back either, the tick is refused and the file left alone', () => {
      journal.segment.append(7, TWO_CLICKS)
      {
        using _ = replaceInFs({ writeSync: failing('EIO') as never, ftruncateSync: failing('EIO') })
        expect(() => journal.segment.append(7, TWO_CLICKS)).to.throw(JournalError)
      }
      journal.segment.append(7, TWO_CLICKS)
      expect(Object.keys(journal.files())).to.have.lengthOf(2)
    })

    it('and the file cannot even be closed, the next tick has another one', () => {
      journal.segment.append(7, TWO_CLICKS)
      const { closeSync } = fs
      {
        using _ = replaceInFs({
          writeSync: failing('EIO') as never,
          closeSync: fd => {
            closeSync(fd)
            throw systemError('EIO')
          },
        })
        expect(() => journal.segment.append(7, TWO_CLICKS)).to.throw(JournalError)
      }
      journal.segment.append(7, TWO_CLICKS)
      expect(Object.keys(journal.files())).to.have.lengthOf(2)
    })

    it('or no file can be made, the tick is refused until one can', () => {
      {
        using _ = replaceInFs({ openSync: failing('EMFILE') })
        expect(() => journal.segment.append(7, TWO_CLICKS)).to.throw(JournalError)
      }
      journal.segment.append(7, TWO_CLICKS)
      expect(Object.values(journal.files())).to.deep.equal([[PAIR]])
    })
  })

  describe('when the disk does not take what was written', () => {
    beforeEach(() => {
      journal.open('fsync')
    })

    it('the tick is refused and out of the file, which is never written to again', () => {
      journal.segment.append(7, TWO_CLICKS)
      const before = readFileSync(join(journal.path, ticksName(KEY, 0)))
      {
        using _ = replaceInFs({ fdatasyncSync: failing('EIO') })
        expect(() => journal.segment.append(7, TWO_CLICKS)).to.throw(JournalError)
      }
      for (let tick = 0; tick < 3; tick++) journal.segment.append(7, TWO_CLICKS)
      expect(readFileSync(join(journal.path, ticksName(KEY, 0)))).to.deep.equal(before)
      expect(journal.pairs(ticksName(KEY, 1))).to.deep.equal([PAIR, PAIR, PAIR])
    })

    it("nor a new file's name, the tick is refused and the file gone", () => {
      {
        using _ = replaceInFs({ fsyncSync: failing('EIO') })
        expect(() => journal.segment.append(7, TWO_CLICKS)).to.throw(JournalError)
      }
      expect(journal.files()).to.deep.equal({})
      journal.segment.append(7, TWO_CLICKS)
      expect(journal.files()).to.deep.equal({ [ticksName(KEY, 1)]: [PAIR] })
    })
  })

  it('says what went wrong', () => {
    using _ = replaceInFs({ writeSync: failing('ENOSPC') as never })
    expect(() => journal.segment.append(7, TWO_CLICKS))
      .to.throw(JournalError)
      .with.nested.property('cause.code', 'ENOSPC')
  })

  /** Appends a tick. The disk takes so many bytes of it, and is full then. */
  function failOnce(takenBytes: number): void {
    using _ = replaceInFs({ writeSync: shortWrites(1, takenBytes) })
    expect(() => journal.segment.append(7, TWO_CLICKS)).to.throw(JournalError)
  }
})

/** Each write takes a few bytes, and only `most` of them succeed. */
function shortWrites(bytesEach: number, most = Number.POSITIVE_INFINITY): typeof writeSync {
  let left = most
  const write = (fd: number, bytes: Buffer, offset: number) => {
    if (left === 0) throw systemError('EIO')
    left--
    return writeSync(fd, bytes, offset, Math.min(bytesEach, bytes.length - offset))
  }
  return write as typeof writeSync
}
