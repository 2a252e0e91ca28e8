import fs, { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { readNumber } from '../../lib/books/balance.ts'
import { readFiles } from '../../lib/journal/files/batch-file.ts'
import { FILE_HEADER_BYTES } from '../../lib/journal/files/format.ts'
import { batchName, ticksName } from '../../lib/journal/files/names.ts'
import { rowsOf } from '../support/rows.ts'
import { failing, replaceInFs, WRITER, writerName } from './journal-support.ts'
import { batch, batchKey, KeptJournal, ticksKey } from './keeper-support.ts'

const COMPACT_BYTES = 4 * 2 ** 20

describe('waiting batches, while Postgres is away,', () => {
  let journal: KeptJournal
  beforeEach(() => {
    journal = new KeptJournal()
  })
  afterEach(() => journal[Symbol.dispose]())

  it('writes a batch that takes in no more as a file in place of its ticks', () => {
    const { keeper } = journal.newKeeper()
    for (const generation of [1, 2, 3]) journal.put(ticksKey(WRITER, generation))
    const waiting = batch(1, 2)
    const name = batchName(batchKey(WRITER, 1, 2))
    expect(keeper.spill(waiting)).to.deep.equal({
      kind: 'files',
      writer: WRITER,
      generation: 2,
      names: [name],
      isOwn: true,
      isAdopted: false,
      totals: waiting.totals,
    })
    expect(journal.names()).to.deep.equal(
      [writerName(WRITER), name, ticksName(ticksKey(WRITER, 3), 0)].sort(),
    )
    expect(rowsOf(readFiles(journal.path, [name]).rows)).to.deep.equal(rowsOf(waiting))
  })

  it('leaves a growing batch to its ticks until these have become much larger', () => {
    const { keeper } = journal.newKeeper()
    const ticks = [1, 2].map(generation => ticksKey(WRITER, generation))
    journal.put(ticks[0]!, ticksName(ticks[0]!, 0), COMPACT_BYTES - FILE_HEADER_BYTES)
    journal.put(ticks[1]!, ticksName(ticks[1]!, 0), FILE_HEADER_BYTES)
    keeper.grown(batch(1, 2))
    expect(journal.names(), 'as large as may be').to.include(ticksName(ticks[0]!, 0))
    journal.put(ticks[1]!, ticksName(ticks[1]!, 0), FILE_HEADER_BYTES + 1)
    keeper.grown(batch(1, 2))
    expect(journal.names()).to.deep.equal([writerName(WRITER), batchName(batchKey(WRITER, 1, 2))].sort())
  })

  it('leaves a long batch to its ticks until these are larger than its rows in memory', () => {
    const { keeper } = journal.newKeeper()
    const long = batch(1, 1, 200_000)
    const key = ticksKey(WRITER, 1)
    journal.put(key, ticksName(key, 0), 32 * 200_000)
    keeper.grown(long)
    expect(journal.names()).to.include(ticksName(key, 0))
    journal.put(key, ticksName(key, 0), 32 * 200_000 + 1)
    keeper.grown(long)
    expect(journal.names()).not.to.include(ticksName(key, 0))
  })

  it('leaves a growing batch to its ticks until these are many files', () => {
    const { keeper } = journal.newKeeper()
    for (let generation = 1; generation < 64; generation++) journal.put(ticksKey(WRITER, generation))
    keeper.grown(batch(1, 63))
    expect(journal.names()).to.have.lengthOf(1 + 63)
    journal.put(ticksKey(WRITER, 64))
    keeper.grown(batch(1, 64))
    expect(journal.names()).to.deep.equal([writerName(WRITER), batchName(batchKey(WRITER, 1, 64))].sort())
  })

  it('keeps the age of the oldest click when its file is written anew', () => {
    const { keeper, memory } = journal.newKeeper()
    keeper.spill(batch(1, 1))
    const anHourAgo = Date.now() / 1000 - 3600
    utimesSync(join(journal.path, batchName(batchKey(WRITER, 1, 1))), anHourAgo, anHourAgo)
    keeper.spill(batch(1, 2))
    keeper.measure(Date.now())
    expect(readNumber(memory, 'journalOldestMs')).to.be.within(3_590_000, 3_700_000)
  })

  for (const call of ['openSync', 'writeSync', 'fsyncSync', 'renameSync'] as const)
    it(`keeps batch and ticks, and no half of a file, when ${call} fails`, () => {
      const { keeper } = journal.newKeeper()
      journal.put(ticksKey(WRITER, 1))
      const before = journal.names()
      const waiting = batch(1, 1)
      using _ = replaceInFs({ [call]: failing('ENOSPC') })
      expect(keeper.spill(waiting)).to.equal(waiting)
      expect(journal.names()).to.deep.equal(before)
    })

  it('does not let ticks go before the batch is on disk under its name', () => {
    const { keeper } = journal.newKeeper()
    journal.put(ticksKey(WRITER, 1))
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
