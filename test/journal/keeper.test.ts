import fs, { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import pino from 'pino'
import { StartError } from '../../lib/base/errors.ts'
import { readNumber } from '../../lib/books/balance.ts'
import { Conditions, raisedConditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { readFiles } from '../../lib/journal/files/batch-file.ts'
import { FILE_HEADER_BYTES, type FileKey } from '../../lib/journal/files/format.ts'
import { batchName, markName, ticksName } from '../../lib/journal/files/names.ts'
import { JournalDirectory } from '../../lib/journal/keep/directory.ts'
import { JournalKeeper } from '../../lib/journal/keep/keeper.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { type Batch, batchOf } from '../../lib/rows/batch.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { Sums } from '../../lib/rows/sums.ts'
import { rowsOf } from '../support/rows.ts'
import {
  encode,
  failing,
  OTHER_WRITER,
  replaceInFs,
  systemError,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
  writerName,
} from './journal-support.ts'

const MINUTE = 28_000_000
const DATABASE = 'dddddddd-0000-4000-8000-00000000000d'
const THIRD_WRITER = '33333333-0000-4000-8000-000000000003'
const OWN_MARK = markName({ writer: WRITER, database: DATABASE, isAdopted: false })
const COMPACT_BYTES = 4 * 2 ** 20

describe('the keeper of the journal', () => {
  let dataDir: TemporaryDirectory
  let path: string
  beforeEach(() => {
    dataDir = temporaryDirectory()
    path = join(dataDir.path, 'journal')
  })
  afterEach(() => dataDir[Symbol.dispose]())

  describe('at the start', () => {
    it("makes a directory that is private to this user, with this writer's mark", () => {
      newKeeper()
      expect(statSync(path).mode & 0o777).to.equal(0o700)
      expect(statSync(join(path, 'damaged')).mode & 0o777).to.equal(0o700)
      expect(names()).to.deep.equal([writerName(WRITER)])
    })

    it('says so when the place is taken by something else', () => {
      writeFileSync(path, 'a file')
      expect(() => newKeeper()).to.throw(StartError, path)
    })

    it('queues what earlier writers have left, in order, and behind it the end of each', () => {
      newKeeper()
      for (const generation of [10, 9]) put(ticksKey(OTHER_WRITER, generation))
      put(ticksKey(WRITER, 1))
      writeFileSync(join(path, writerName(OTHER_WRITER)), '')
      expect(recovered(newKeeper().keeper)).to.deep.equal([
        unit(
          10,
          [9, 10].map(generation => ticksName(ticksKey(OTHER_WRITER, generation), 0)),
        ),
        { kind: 'writer', writer: OTHER_WRITER, totalClicks: 0 },
      ])
    })

    it('removes ticks that a crash has left beside the batch that sums them up', () => {
      newKeeper()
      for (const generation of [3, 4, 5]) put(ticksKey(OTHER_WRITER, generation))
      const batch = batchKey(OTHER_WRITER, 3, 4)
      put(batch, batchName(batch))
      const { keeper } = newKeeper()
      keeper.recover()
      expect(names()).to.deep.equal(
        [writerName(WRITER), batchName(batch), ticksName(ticksKey(OTHER_WRITER, 5), 0)].sort(),
      )
    })

    it('keeps the ticks instead of the batch that sums them up when that one is damaged', () => {
      newKeeper()
      const ticks = [3, 4].map(generation => ticksKey(OTHER_WRITER, generation))
      for (const key of ticks) put(key)
      const batch = batchName(batchKey(OTHER_WRITER, 3, 4))
      writeFileSync(join(path, batch), 'not a batch')
      const { keeper } = newKeeper()
      expect(recovered(keeper)).to.deep.equal([
        unit(
          4,
          ticks.map(key => ticksName(key, 0)),
        ),
        { kind: 'writer', writer: OTHER_WRITER, totalClicks: 0 },
      ])
      expect(readdirSync(join(path, 'damaged'))).to.deep.equal([batch])
    })

    it('forgets nothing that waits when a mark that nobody needs any more cannot be removed', () => {
      newKeeper()
      put(ticksKey(OTHER_WRITER, 1))
      const gone = markName({ writer: THIRD_WRITER, database: OTHER_WRITER, isAdopted: false })
      writeFileSync(join(path, gone), '')
      const { keeper } = newKeeper()
      using _ = replaceInFs({ unlinkSync: failing('EIO') })
      expect(recovered(keeper)[0]).to.deep.equal(unit(1, [ticksName(ticksKey(OTHER_WRITER, 1), 0)]))
    })

    it('removes a batch that a crash has left half written, and nothing that is not its own', () => {
      newKeeper()
      const unfinished = `${batchName(batchKey(OTHER_WRITER, 3, 4))}.new`
      put(batchKey(OTHER_WRITER, 3, 4), unfinished)
      const others = ['notes.txt', 'x.new', `${OTHER_WRITER}.ticks`]
      for (const name of others) writeFileSync(join(path, name), 'theirs')
      const { keeper } = newKeeper()
      expect(recovered(keeper)).to.deep.equal([])
      expect(names()).to.deep.equal([...others, OWN_MARK].sort())
    })
  })

  describe('once something is stored', () => {
    it("removes this writer's files up to that generation, and no others", () => {
      const { keeper } = newKeeper()
      for (const generation of [1, 2, 3]) put(ticksKey(WRITER, generation))
      put(ticksKey(OTHER_WRITER, 1))
      keeper.stored(batch(1, 2), 1, [])
      expect(names()).to.deep.equal(
        [
          writerName(WRITER),
          ticksName(ticksKey(WRITER, 3), 0),
          ticksName(ticksKey(OTHER_WRITER, 1), 0),
        ].sort(),
      )
    })

    it('puts damaged files aside, and shows their number on /health', () => {
      const { keeper, memory } = newKeeper()
      for (const generation of [1, 2]) put(ticksKey(OTHER_WRITER, generation))
      const [good, bad] = [1, 2].map(generation => ticksName(ticksKey(OTHER_WRITER, generation), 0))
      keeper.stored(unit(2, [good!, bad!]), 0, [bad!])
      expect(names()).to.deep.equal([writerName(WRITER)])
      expect(readdirSync(join(path, 'damaged'))).to.deep.equal([bad])
      keeper.measure(Date.now())
      expect(readNumber(memory, 'journalDamaged')).to.equal(1)
      expect(readNumber(memory, 'journalFiles')).to.equal(0)
    })

    it('says whether something of a writer waits, and that it does when nobody can tell', () => {
      const { keeper } = newKeeper()
      expect(keeper.hasClicks(OTHER_WRITER)).to.equal(false)
      put(ticksKey(OTHER_WRITER, 1))
      expect(keeper.hasClicks(OTHER_WRITER)).to.equal(true)
      keeper.stored(unit(1, [ticksName(ticksKey(OTHER_WRITER, 1), 0)]), 0, [])
      expect(keeper.hasClicks(OTHER_WRITER)).to.equal(false)
      using _ = replaceInFs({ readdirSync: failing('EIO') as never })
      expect(keeper.hasClicks(OTHER_WRITER)).to.equal(true)
    })

    it('keeps the mark of a writer that had ended while its clicks wait again', () => {
      const { keeper } = newKeeper(undefined, Number.POSITIVE_INFINITY)
      put(ticksKey(OTHER_WRITER, 1))
      const [files, end] = recovered(keeper)
      keeper.stored(files!, 1, [])
      keeper.stored(end!, 0, [])
      expect(keeper.keptGenerations).to.deep.equal(new Map([[OTHER_WRITER, 1]]))
      keeper.takeBack(OTHER_WRITER, 0)
      keeper.compared()
      expect(names()).to.include(markName({ writer: OTHER_WRITER, database: DATABASE, isAdopted: false }))
      keeper.stored(files!, 1, [])
      expect(keeper.keptGenerations).to.deep.equal(new Map([[OTHER_WRITER, 1]]))
    })

    it('keeps no file twice that could not be moved or removed when it was stored', () => {
      const { keeper } = newKeeper(undefined, Number.POSITIVE_INFINITY)
      recovered(keeper)
      put(ticksKey(WRITER, 1))
      {
        using _ = replaceInFs({ unlinkSync: failing('EIO'), renameSync: failing('EIO') })
        keeper.stored(batch(1, 1), 3, [])
      }
      put(ticksKey(WRITER, 2))
      keeper.stored(batch(2, 2), 6, [])
      expect(names(), 'what could not be kept goes').to.deep.equal([OWN_MARK])
      expect(keeper.takeBack(WRITER, 0).items.map(({ names, clicks }) => ({ names, clicks }))).to.deep.equal([
        { names: [ticksName(ticksKey(WRITER, 2), 0)], clicks: 6 },
      ])
    })

    it('leaves what it cannot move to the next start', () => {
      const { keeper } = newKeeper()
      put(ticksKey(OTHER_WRITER, 1))
      const item = unit(1, [ticksName(ticksKey(OTHER_WRITER, 1), 0)])
      {
        using _ = replaceInFs({ unlinkSync: failing('EIO'), renameSync: failing('EIO') })
        keeper.stored(item, 0, [])
      }
      expect(keeper.hasClicks(OTHER_WRITER)).to.equal(true)
      expect(recovered(newKeeper().keeper)[0]).to.deep.equal(item)
    })
  })

  describe('while Postgres is away', () => {
    it('writes a batch that takes in no more as a file in place of its ticks', () => {
      const { keeper } = newKeeper()
      for (const generation of [1, 2, 3]) put(ticksKey(WRITER, generation))
      const waiting = batch(1, 2)
      const name = batchName(batchKey(WRITER, 1, 2))
      expect(keeper.spill(waiting)).to.deep.equal({
        kind: 'files',
        writer: WRITER,
        generation: 2,
        names: [name],
        isOwn: true,
        isAdopted: false,
        totalClicks: waiting.totalClicks,
      })
      expect(names()).to.deep.equal([writerName(WRITER), name, ticksName(ticksKey(WRITER, 3), 0)].sort())
      expect(rowsOf(readFiles(path, [name]).rows)).to.deep.equal(rowsOf(waiting))
    })

    it('leaves a growing batch to its ticks until these have become much larger', () => {
      const { keeper } = newKeeper()
      const ticks = [1, 2].map(generation => ticksKey(WRITER, generation))
      put(ticks[0]!, ticksName(ticks[0]!, 0), COMPACT_BYTES - FILE_HEADER_BYTES)
      put(ticks[1]!, ticksName(ticks[1]!, 0), FILE_HEADER_BYTES)
      keeper.grown(batch(1, 2))
      expect(names(), 'as large as may be').to.include(ticksName(ticks[0]!, 0))
      put(ticks[1]!, ticksName(ticks[1]!, 0), FILE_HEADER_BYTES + 1)
      keeper.grown(batch(1, 2))
      expect(names()).to.deep.equal([writerName(WRITER), batchName(batchKey(WRITER, 1, 2))].sort())
    })

    it('leaves a long batch to its ticks until these are twice its size', () => {
      const { keeper } = newKeeper()
      const long = batch(1, 1, 200_000)
      const key = ticksKey(WRITER, 1)
      put(key, ticksName(key, 0), 2 * 16 * 200_000)
      keeper.grown(long)
      expect(names()).to.include(ticksName(key, 0))
      put(key, ticksName(key, 0), 2 * 16 * 200_000 + 1)
      keeper.grown(long)
      expect(names()).not.to.include(ticksName(key, 0))
    })

    it('leaves a growing batch to its ticks until these are many files', () => {
      const { keeper } = newKeeper()
      for (let generation = 1; generation < 64; generation++) put(ticksKey(WRITER, generation))
      keeper.grown(batch(1, 63))
      expect(names()).to.have.lengthOf(1 + 63)
      put(ticksKey(WRITER, 64))
      keeper.grown(batch(1, 64))
      expect(names()).to.deep.equal([writerName(WRITER), batchName(batchKey(WRITER, 1, 64))].sort())
    })

    it('keeps the age of the oldest click when its file is written anew', () => {
      const { keeper, memory } = newKeeper()
      keeper.spill(batch(1, 1))
      const anHourAgo = Date.now() / 1000 - 3600
      utimesSync(join(path, batchName(batchKey(WRITER, 1, 1))), anHourAgo, anHourAgo)
      keeper.spill(batch(1, 2))
      keeper.measure(Date.now())
      expect(readNumber(memory, 'journalOldestMs')).to.be.within(3_590_000, 3_700_000)
    })

    for (const call of ['openSync', 'writeSync', 'fsyncSync', 'renameSync'] as const)
      it(`keeps batch and ticks, and no half of a file, when ${call} fails`, () => {
        const { keeper } = newKeeper()
        put(ticksKey(WRITER, 1))
        const before = names()
        const waiting = batch(1, 1)
        using _ = replaceInFs({ [call]: failing('ENOSPC') })
        expect(keeper.spill(waiting)).to.equal(waiting)
        expect(names()).to.deep.equal(before)
      })

    it('does not let ticks go before the batch is on disk under its name', () => {
      const { keeper } = newKeeper()
      put(ticksKey(WRITER, 1))
      const calls: string[] = []
      const { fsyncSync, renameSync, unlinkSync } = fs
      using _ = replaceInFs({
        fsyncSync: fd => {
          calls.push(fs.fstatSync(fd).isDirectory() ? 'sync directory' : 'sync file')
          fsyncSync(fd)
        },
        renameSync: (from, to) => {
          calls.push('rename')
          renameSync(from, to)
        },
        unlinkSync: name => {
          calls.push('unlink')
          unlinkSync(name)
        },
      })
      keeper.spill(batch(1, 1))
      expect(calls).to.deep.equal(['sync file', 'rename', 'sync directory', 'unlink'])
    })
  })

  it('puts clicks aside once, also when what their batch sums up could not be removed', () => {
    const { keeper } = newKeeper()
    put(ticksKey(WRITER, 1))
    const waiting = batch(1, 1)
    {
      using _ = replaceInFs({ unlinkSync: failing('EIO') })
      keeper.spill(waiting)
    }
    expect(keeper.setAside(waiting)).to.equal(true)
    expect(names()).to.have.members(['aside', writerName(WRITER)])
    expect(readdirSync(join(path, 'aside'))).to.deep.equal([batchName(batchKey(WRITER, 1, 1))])
  })

  it('tells number, bytes and age of the files, and survives a disk that cannot', () => {
    const { keeper, memory } = newKeeper()
    put(ticksKey(WRITER, 1), undefined, 100)
    put(ticksKey(OTHER_WRITER, 1), undefined, 50)
    expect(keeper.measure(Date.now() + 60_000)).to.equal(150)
    expect(readNumber(memory, 'journalFiles')).to.equal(2)
    expect(readNumber(memory, 'journalOldestMs')).to.be.within(59_000, 90_000)
    using _ = replaceInFs({
      readdirSync: (() => {
        throw systemError('EIO')
      }) as never,
    })
    expect(keeper.measure(Date.now())).to.equal(null)
    expect(readNumber(memory, 'journalFiles')).to.equal(2)
  })

  it('tells what does not belong into the directory once, some of it by name, until it has gone', () => {
    const lines: string[] = []
    const { keeper, memory } = newKeeper(pino({}, { write: line => lines.push(line) }))
    const odd = ['a', 'b"', 'c', 'd', 'e'].map(name => `${name}.ticks`)
    for (const name of odd) writeFileSync(join(path, name), '')
    for (let second = 0; second < 10; second++) keeper.measure(Date.now())
    expect(raisedConditions(memory)).to.have.length(1)
    expect(raisedConditions(memory)[0]).to.have.property('name', 'journal_odd_files')
    expect(raisedConditions(memory)[0]!.text).to.include('"a.ticks", "b\\".ticks", "c.ticks" and 2 more')
    expect(lines).to.have.length(1)
    for (const name of odd) rmSync(join(path, name))
    keeper.measure(Date.now())
    expect(raisedConditions(memory)).to.deep.equal([])
  })

  it('cannot start, with a line that says so, while what decides about other files cannot be read', () => {
    newKeeper()
    put(ticksKey(OTHER_WRITER, 3))
    put(batchKey(OTHER_WRITER, 3, 4), batchName(batchKey(OTHER_WRITER, 3, 4)))
    const { keeper } = newKeeper()
    using _ = replaceInFs({ readFileSync: failing('EMFILE') as never })
    expect(() => keeper.recover()).to.throw(StartError, 'EMFILE')
  })

  it('goes by the time of writing where files have no time of birth', () => {
    const { keeper, memory } = newKeeper()
    put(ticksKey(WRITER, 1))
    const { lstatSync } = fs
    using _ = replaceInFs({
      lstatSync: ((file: string) => Object.assign(lstatSync(file), { birthtimeMs: 0 })) as never,
    })
    keeper.measure(Date.now() + 60_000)
    expect(readNumber(memory, 'journalOldestMs')).to.be.within(59_000, 90_000)
  })

  it('tells of a directory that goes on failing once', () => {
    const lines: string[] = []
    const { keeper } = newKeeper(pino({}, { write: line => lines.push(line) }))
    using _ = replaceInFs({ readdirSync: failing('EIO') as never })
    for (let second = 0; second < 10; second++) keeper.measure(Date.now())
    expect(lines).to.have.length(1)
    expect(lines[0])
      .to.match(/the journal's directory: cannot look through/)
      .and.to.match(/EIO/)
  })

  function newKeeper(log = createLog('silent'), keepMs = 0) {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 1 })
    const directory = new JournalDirectory(dataDir.path, WRITER)
    directory.open()
    const books = new ServiceBooks(memory)
    const conditions = new Conditions(memory, log)
    return {
      memory,
      keeper: new JournalKeeper(directory, { writer: WRITER, keepMs, books, conditions, log }),
    }
  }

  /** What earlier writers have left for the database that is met first. */
  function recovered(keeper: JournalKeeper) {
    keeper.recover()
    return keeper.meet(DATABASE)!
  }

  /** A file of one click, or of so many bytes. */
  function put(key: FileKey, name = ticksName(key, 0), bytes?: number): void {
    const content = encode(key, [[MINUTE, new Map([[1, 1]])]])
    writeFileSync(join(path, name), bytes === undefined ? content : Buffer.alloc(bytes))
  }

  function names(): string[] {
    return readdirSync(path)
      .filter(name => !['damaged', 'stored'].includes(name))
      .sort()
  }
})

function ticksKey(writer: string, generation: number): FileKey {
  return { writer, firstGeneration: generation, lastGeneration: generation, thread: 0 }
}

function batchKey(writer: string, firstGeneration: number, lastGeneration: number): FileKey {
  return { writer, firstGeneration, lastGeneration, thread: 0 }
}

function unit(generation: number, names: readonly string[]) {
  return {
    kind: 'files',
    writer: OTHER_WRITER,
    generation,
    names,
    isOwn: false,
    isAdopted: false,
    totalClicks: 0,
  } as const
}

function batch(firstGeneration: number, generation: number, rows = 3): Batch {
  const sums = new Sums()
  for (let row = 0; row < rows; row++) sums.add(MINUTE, row + 1, VALID, generation)
  return { ...batchOf(generation, sums.rows()), firstGeneration }
}
