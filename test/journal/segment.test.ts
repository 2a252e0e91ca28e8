import fs, { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { JournalError } from '../../lib/base/errors.ts'
import type { JournalPlace } from '../../lib/journal/append/segment.ts'
import { Segment } from '../../lib/journal/append/segment.ts'
import {
  BULK,
  FILE_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  TICK as TICK_RECORD,
} from '../../lib/journal/files/format.ts'
import { parseName, storedDirectory, ticksName } from '../../lib/journal/files/names.ts'
import { BOT, DUPLICATE, VALID } from '../../lib/rows/classes.ts'
import {
  failing,
  KEY,
  OTHER_WRITER,
  read,
  replaceInFs,
  sumsOf,
  systemError,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
} from './journal-support.ts'

const { writeSync, fdatasyncSync, fsyncSync } = fs
const TICK = sumsOf([[5, new Map([[1, 2]])]])
const PAIR = [5, 1, 2]

describe("a thread's part of the journal", () => {
  let directory: TemporaryDirectory
  let segment: Segment
  beforeEach(() => {
    directory = temporaryDirectory()
    segment = newSegment('write')
  })
  afterEach(() => {
    segment.close()
    directory[Symbol.dispose]()
  })

  it('is a file for each generation, private to this user, with a record for each tick', () => {
    for (const generation of [7, 7, 9]) segment.append(generation, TICK)
    expect(files()).to.deep.equal({
      [ticksName(KEY, 0)]: [PAIR, PAIR],
      [ticksName({ ...KEY, firstGeneration: 9, lastGeneration: 9 }, 1)]: [PAIR],
    })
    for (const name of readdirSync(directory.path))
      expect(fs.statSync(join(directory.path, name)).mode & 0o777).to.equal(0o600)
  })

  it('keeps the minutes of a tick apart', () => {
    segment.append(
      7,
      sumsOf([
        [5, new Map([[1, 2]])],
        [6, new Map([[1, 3]])],
      ]),
    )
    expect(files()).to.deep.equal({ [ticksName(KEY, 0)]: [PAIR, [6, 1, 3]] })
  })

  it('is one record a tick, and another one for each class and minute that occurs besides', () => {
    segment.append(7, TICK)
    segment.append(
      7,
      sumsOf([
        [5, new Map([[1, 2]])],
        [5, new Map([[1, 3], [9, 1]]), BOT], // biome-ignore format: a table
        [6, new Map([[1, 4]]), DUPLICATE],
      ]),
    )
    expect(files()).to.deep.equal({
      [ticksName(KEY, 0)]: [PAIR, PAIR, [5, 1, 3, BOT], [5, 9, 1, BOT], [6, 1, 4, DUPLICATE]],
    })
    expect(recordsIn(ticksName(KEY, 0))).to.deep.equal([TICK_RECORD, TICK_RECORD, TICK_RECORD, TICK_RECORD])
  })

  it('has a record for each bulk, of its class', () => {
    const pairs = Int32Array.of(1, 2, 3, 4)
    segment.append(7, TICK, [
      { minute: 5, clickClass: VALID, pairs },
      { minute: 5, clickClass: BOT, pairs },
    ])
    expect(files()).to.deep.equal({
      [ticksName(KEY, 0)]: [PAIR, [5, 1, 2], [5, 3, 4], [5, 1, 2, BOT], [5, 3, 4, BOT]],
    })
    expect(recordsIn(ticksName(KEY, 0))).to.deep.equal([TICK_RECORD, BULK, BULK])
  })

  it('takes one write a tick, also for the first one of a file', () => {
    let writes = 0
    using _ = replaceInFs({
      writeSync: ((...operands: Parameters<typeof writeSync>) => {
        writes++
        return writeSync(...operands)
      }) as typeof writeSync,
    })
    for (let tick = 1; tick <= 5; tick++) {
      segment.append(7, TICK)
      expect(writes).to.equal(tick)
    }
  })

  it('does not touch a file that a dead thread with the same place has left', () => {
    writeFileSync(join(directory.path, ticksName(KEY, 0)), 'left')
    writeFileSync(join(directory.path, ticksName(KEY, 1)), 'left')
    segment.append(7, TICK)
    expect(readFileSync(join(directory.path, ticksName(KEY, 0)), 'utf8')).to.equal('left')
    expect(content(ticksName(KEY, 2))).to.deep.equal([PAIR])
  })

  for (const sync of ['write', 'fsync'] as const)
    it(`syncs the file each tick, and the directory with a new file, only where it has to: ${sync}`, () => {
      segment = newSegment(sync)
      const calls: string[] = []
      using _ = replaceInFs({
        fdatasyncSync: fd => {
          calls.push('file')
          fdatasyncSync(fd)
        },
        fsyncSync: fd => {
          calls.push(fs.fstatSync(fd).isDirectory() ? 'directory' : 'file')
          fsyncSync(fd)
        },
      })
      for (const generation of [7, 7, 8]) segment.append(generation, TICK)
      expect(calls).to.deep.equal(sync === 'write' ? [] : ['file', 'directory', 'file', 'file', 'directory'])
    })

  describe('when a write fails', () => {
    for (const takenBytes of [0, 1, FILE_HEADER_BYTES, FILE_HEADER_BYTES + 5])
      it(`after ${takenBytes} bytes, in a new file: the file goes, and the next tick has another one`, () => {
        failOnce(takenBytes)
        expect(files()).to.deep.equal({})
        segment.append(7, TICK)
        expect(files()).to.deep.equal({ [ticksName(KEY, 1)]: [PAIR] })
      })

    for (const takenBytes of [0, 1, 16, 27])
      it(`after ${takenBytes} bytes, the file is as it was, and the next tick has another one`, () => {
        segment.append(7, TICK)
        const before = readFileSync(join(directory.path, ticksName(KEY, 0)))
        failOnce(takenBytes)
        expect(readFileSync(join(directory.path, ticksName(KEY, 0)))).to.deep.equal(before)
        segment.append(7, TICK)
        expect(files()).to.deep.equal({ [ticksName(KEY, 0)]: [PAIR], [ticksName(KEY, 1)]: [PAIR] })
      })

    it('because it took only a part, the rest is written and the tick is kept', () => {
      using _ = replaceInFs({ writeSync: shortWrites(3) })
      segment.append(7, TICK)
      expect(files()).to.deep.equal({ [ticksName(KEY, 0)]: [PAIR] })
    })

    it('and the file cannot be cut back either, the tick is refused and the file left alone', () => {
      segment.append(7, TICK)
      {
        using _ = replaceInFs({ writeSync: failing('EIO') as never, ftruncateSync: failing('EIO') })
        expect(() => segment.append(7, TICK)).to.throw(JournalError)
      }
      segment.append(7, TICK)
      expect(Object.keys(files())).to.have.lengthOf(2)
    })

    it('and the file cannot even be closed, the next tick has another one', () => {
      segment.append(7, TICK)
      const { closeSync } = fs
      {
        using _ = replaceInFs({
          writeSync: failing('EIO') as never,
          closeSync: fd => {
            closeSync(fd)
            throw systemError('EIO')
          },
        })
        expect(() => segment.append(7, TICK)).to.throw(JournalError)
      }
      segment.append(7, TICK)
      expect(Object.keys(files())).to.have.lengthOf(2)
    })

    it('or no file can be made, the tick is refused until one can', () => {
      {
        using _ = replaceInFs({ openSync: failing('EMFILE') })
        expect(() => segment.append(7, TICK)).to.throw(JournalError)
      }
      segment.append(7, TICK)
      expect(Object.values(files())).to.deep.equal([[PAIR]])
    })
  })

  describe('when the disk does not take what was written', () => {
    beforeEach(() => {
      segment = newSegment('fsync')
    })

    it('the tick is refused and out of the file, which is never written to again', () => {
      segment.append(7, TICK)
      const before = readFileSync(join(directory.path, ticksName(KEY, 0)))
      {
        using _ = replaceInFs({ fdatasyncSync: failing('EIO') })
        expect(() => segment.append(7, TICK)).to.throw(JournalError)
      }
      for (let tick = 0; tick < 3; tick++) segment.append(7, TICK)
      expect(readFileSync(join(directory.path, ticksName(KEY, 0)))).to.deep.equal(before)
      expect(content(ticksName(KEY, 1))).to.deep.equal([PAIR, PAIR, PAIR])
    })

    it("nor a new file's name, the tick is refused and the file gone", () => {
      {
        using _ = replaceInFs({ fsyncSync: failing('EIO') })
        expect(() => segment.append(7, TICK)).to.throw(JournalError)
      }
      expect(files()).to.deep.equal({})
      segment.append(7, TICK)
      expect(files()).to.deep.equal({ [ticksName(KEY, 1)]: [PAIR] })
    })
  })

  describe('when the disk is full of what is kept of stored clicks', () => {
    const kept = () => readdirSync(join(directory.path, storedDirectory)).sort()
    const name = (writer: string, generation: number) =>
      ticksName({ ...KEY, writer, firstGeneration: generation, lastGeneration: generation }, 0)

    it('it gives way, the oldest of a writer first, until the tick is written', () => {
      const [oldest, older, own] = keep(name(OTHER_WRITER, 9), name(OTHER_WRITER, 10), name(WRITER, 1))
      using _ = replaceInFs({ writeSync: whenGone(oldest!) })
      segment.append(7, TICK)
      expect(kept()).to.deep.equal([older!, own!].sort())
      expect(content(ticksName(KEY, 1))).to.deep.equal([PAIR])
    })

    it('it gives way until a tick is written that needs more than was thought', () => {
      const names = keep(name(WRITER, 1), name(WRITER, 2), name(WRITER, 3))
      using _ = replaceInFs({ writeSync: whenGone(names[2]!) })
      segment.append(7, TICK)
      expect(kept()).to.deep.equal([])
    })

    it('a tick is not refused for which another thread has made room meanwhile', () => {
      keep()
      let isFull = true
      const { readdirSync } = fs
      using _ = replaceInFs({
        writeSync: ((...operands: Parameters<typeof writeSync>) => {
          if (isFull) throw systemError('ENOSPC')
          return writeSync(...operands)
        }) as typeof writeSync,
        readdirSync: ((...operands: Parameters<typeof readdirSync>) => {
          isFull = false
          return readdirSync(...operands)
        }) as typeof readdirSync,
      })
      segment.append(7, TICK)
    })

    it('a tick is refused when nothing more is kept, and what cannot be removed is no room', () => {
      const names = keep(name(WRITER, 1))
      using _ = replaceInFs({ writeSync: failing('ENOSPC') as never, unlinkSync: failing('EROFS') })
      expect(() => segment.append(7, TICK)).to.throw(JournalError)
      expect(kept()).to.deep.equal(names)
    })

    /** Files of a megabyte and more, so that each is room enough. */
    function keep(...names: string[]): string[] {
      fs.mkdirSync(join(directory.path, storedDirectory))
      for (const name of names)
        writeFileSync(join(directory.path, storedDirectory, name), Buffer.alloc(2 ** 20 + 4096))
      return names
    }

    function whenGone(name: string) {
      return ((...operands: Parameters<typeof writeSync>) => {
        if (fs.existsSync(join(directory.path, storedDirectory, name))) throw systemError('ENOSPC')
        return writeSync(...operands)
      }) as typeof writeSync
    }
  })

  it('says what went wrong', () => {
    using _ = replaceInFs({ writeSync: failing('ENOSPC') as never })
    expect(() => segment.append(7, TICK))
      .to.throw(JournalError)
      .with.nested.property('cause.code', 'ENOSPC')
  })

  function newSegment(sync: JournalPlace['sync']): Segment {
    return new Segment({ directory: directory.path, writer: WRITER, sync, threadIndex: KEY.thread })
  }

  /** A tick that the disk takes so many bytes of before it is full. */
  function failOnce(takenBytes: number): void {
    using _ = replaceInFs({ writeSync: shortWrites(1, takenBytes) })
    expect(() => segment.append(7, TICK)).to.throw(JournalError)
  }

  function content(name: string): number[][] {
    const file = parseName(name)
    if (file === null || file.kind === 'writer') throw new Error(`an unexpected file: ${name}`)
    const { pairs, isDamaged } = read(readFileSync(join(directory.path, name)), file.key)
    expect(isDamaged, name).to.equal(false)
    return pairs
  }

  /** Their kinds. */
  function recordsIn(name: string): number[] {
    const bytes = readFileSync(join(directory.path, name))
    const kinds: number[] = []
    for (
      let at = FILE_HEADER_BYTES;
      at < bytes.length;
      at += RECORD_HEADER_BYTES + bytes.readUInt32LE(at + 4)
    )
      kinds.push(bytes.readUInt16LE(at + RECORD_HEADER_BYTES))
    return kinds
  }

  function files(): Record<string, number[][]> {
    return Object.fromEntries(
      readdirSync(directory.path)
        .sort()
        .map(name => [name, content(name)]),
    )
  }
})

/** Takes a few bytes each time, and no more than `most` in all. */
function shortWrites(bytesEach: number, most = Number.POSITIVE_INFINITY): typeof writeSync {
  let left = most
  const write = (fd: number, bytes: Buffer, offset: number) => {
    if (left === 0) throw systemError('EIO')
    left--
    return writeSync(fd, bytes, offset, Math.min(bytesEach, bytes.length - offset))
  }
  return write as typeof writeSync
}
