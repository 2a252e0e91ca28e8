import fs, { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { BULK, TICK } from '../../lib/journal/files/format.ts'
import { ticksName } from '../../lib/journal/files/names.ts'
import { BOT, DUPLICATE, VALID } from '../../lib/rows/classes.ts'
import { KEY, replaceInFs, sumsOf } from './journal-support.ts'
import { PAIR, SegmentJournal, TWO_CLICKS } from './segment-support.ts'

const { writeSync, fdatasyncSync, fsyncSync } = fs

describe("a thread's part of the journal", () => {
  let journal: SegmentJournal
  beforeEach(() => {
    journal = new SegmentJournal()
  })
  afterEach(() => journal[Symbol.dispose]())

  it('is a file for each generation, private to this user, with a record for each tick', () => {
    for (const generation of [7, 7, 9]) journal.segment.append(generation, TWO_CLICKS)
    expect(journal.files()).to.deep.equal({
      [ticksName(KEY, 0)]: [PAIR, PAIR],
      [ticksName({ ...KEY, firstGeneration: 9, lastGeneration: 9 }, 1)]: [PAIR],
    })
    for (const name of readdirSync(journal.path))
      expect(fs.statSync(join(journal.path, name)).mode & 0o777).to.equal(0o600)
  })

  it('keeps the minutes of a tick apart', () => {
    journal.segment.append(
      7,
      sumsOf([
        [5, new Map([[1, 2]])],
        [6, new Map([[1, 3]])],
      ]),
    )
    expect(journal.files()).to.deep.equal({ [ticksName(KEY, 0)]: [PAIR, [6, 1, 3]] })
  })

  it('is one record a tick, and another one for each class and minute that occurs besides', () => {
    journal.segment.append(7, TWO_CLICKS)
    journal.segment.append(
      7,
      sumsOf([
        [5, new Map([[1, 2]])],
        [5, new Map([[1, 3], [9, 1]]), BOT], // biome-ignore format: a table
        [6, new Map([[1, 4]]), DUPLICATE],
      ]),
    )
    expect(journal.files()).to.deep.equal({
      [ticksName(KEY, 0)]: [PAIR, PAIR, [5, 1, 3, BOT], [5, 9, 1, BOT], [6, 1, 4, DUPLICATE]],
    })
    expect(journal.recordKinds(ticksName(KEY, 0))).to.deep.equal([TICK, TICK, TICK, TICK])
  })

  it('has a record for each bulk, of its class', () => {
    const pairs = Int32Array.of(1, 2, 3, 4)
    journal.segment.append(7, TWO_CLICKS, [
      { minute: 5, clickClass: VALID, pairs },
      { minute: 5, clickClass: BOT, pairs },
    ])
    expect(journal.files()).to.deep.equal({
      [ticksName(KEY, 0)]: [PAIR, [5, 1, 2], [5, 3, 4], [5, 1, 2, BOT], [5, 3, 4, BOT]],
    })
    expect(journal.recordKinds(ticksName(KEY, 0))).to.deep.equal([TICK, BULK, BULK])
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
      journal.segment.append(7, TWO_CLICKS)
      expect(writes).to.equal(tick)
    }
  })

  it('does not touch a file that a dead thread with the same place has left', () => {
    writeFileSync(join(journal.path, ticksName(KEY, 0)), 'left')
    writeFileSync(join(journal.path, ticksName(KEY, 1)), 'left')
    journal.segment.append(7, TWO_CLICKS)
    expect(readFileSync(join(journal.path, ticksName(KEY, 0)), 'utf8')).to.equal('left')
    expect(journal.pairs(ticksName(KEY, 2))).to.deep.equal([PAIR])
  })

  for (const sync of ['write', 'fsync'] as const)
    it(`syncs the file each tick, and the directory with a new file, only where it has to: ${sync}`, () => {
      journal.open(sync)
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
      for (const generation of [7, 7, 8]) journal.segment.append(generation, TWO_CLICKS)
      expect(calls).to.deep.equal(sync === 'write' ? [] : ['file', 'directory', 'file', 'file', 'directory'])
    })
})
