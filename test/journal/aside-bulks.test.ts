import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { readFiles } from '../../lib/journal/files/batch-file.ts'
import { asideBulksDirectory, batchName } from '../../lib/journal/files/names.ts'
import { AsideBulks, underOwnKey } from '../../lib/journal/keep/aside-bulks.ts'
import { isBulkKey } from '../../lib/rows/keyed-bulk.ts'
import { NOTHING_SETTLED } from '../../lib/rows/settled.ts'
import { keyedClicks } from '../support/keyed.ts'
import {
  failing,
  replaceInFs,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
} from './journal-support.ts'
import { batch, batchKey, KeptJournal, MINUTE, ticksKey } from './keeper-support.ts'

const [FIRST, SECOND] = ['a', 'b'].map(key => keyedClicks(key, MINUTE, 1, 5)) as [
  ReturnType<typeof keyedClicks>,
  ReturnType<typeof keyedClicks>,
]

describe('keyed bulks that are put aside', () => {
  let directory: TemporaryDirectory
  let aside: AsideBulks
  const path = () => join(directory.path, asideBulksDirectory)
  beforeEach(() => {
    directory = temporaryDirectory()
    aside = new AsideBulks(directory.path)
  })
  afterEach(() => directory[Symbol.dispose]())

  it('are a batch of their own for each item, and replace what a try before has put there', () => {
    expect(aside.files).to.equal(0)
    aside.add({ writer: WRITER, generation: 7 }, [FIRST])
    aside.add({ writer: WRITER, generation: 8 }, [SECOND])
    aside.add({ writer: WRITER, generation: 7 }, [FIRST, SECOND])
    expect(aside.files).to.equal(2)
    const { keyed, rows, damaged } = readFiles(path(), [batchName(batchKey(WRITER, 7, 7))])
    expect([keyed, rows.bannerIds.length, damaged]).to.deep.equal([[FIRST, SECOND], 0, []])
    aside.remove({ writer: WRITER, generation: 7 })
    aside.remove({ writer: WRITER, generation: 9 })
    expect(readdirSync(path())).to.deep.equal([batchName(batchKey(WRITER, 8, 8))])
  })

  it('leave nothing behind that is not whole', () => {
    mkdirSync(path(), { recursive: true })
    using _ = replaceInFs({ fsyncSync: failing('EIO') as never })
    expect(() => aside.add({ writer: WRITER, generation: 7 }, [FIRST])).to.throw('EIO')
    expect(readdirSync(path())).to.deep.equal([])
  })

  it('have keys of their own after a conflict: the same for the same content, and sound ones', () => {
    const keys = ['a', 'b', 'k'.repeat(222), 'k'.repeat(223), `${'k'.repeat(222)}l`, 'k'.repeat(255)]
    const found = keys.map(key => underOwnKey(keyedClicks(key, MINUTE, 1, 5)))
    expect(new Set(found.map(({ key }) => key)).size).to.equal(keys.length)
    expect(found.every(({ key }) => isBulkKey(key))).to.equal(true)
    expect(found[0]!.key).to.equal(`a#${FIRST.fingerprint}`)
    expect(underOwnKey(keyedClicks('a', MINUTE, 1, 6)).key).not.to.equal(found[0]!.key)
    expect(found[0]).to.deep.include({ parts: FIRST.parts, totals: FIRST.totals, minute: MINUTE })
  })
})

describe('the keeper of keyed bulks that were put aside', () => {
  let journal: KeptJournal
  beforeEach(() => {
    journal = new KeptJournal()
  })
  afterEach(() => journal[Symbol.dispose]())

  it('says when they could not be, and forgets those of what is stored again', () => {
    const { keeper } = journal.newKeeper(undefined, Number.POSITIVE_INFINITY)
    journal.recovered(keeper)
    {
      using _ = replaceInFs({ fsyncSync: failing('ENOSPC') as never })
      expect(keeper.setBulksAside(batch(1, 1), [FIRST])).to.equal(false)
    }
    for (const generation of [1, 2]) {
      journal.put(ticksKey(WRITER, generation))
      expect(keeper.setBulksAside(batch(generation, generation), [FIRST])).to.equal(true)
      keeper.stored(batch(generation, generation), NOTHING_SETTLED, [])
    }
    expect(keeper.asideBulkFiles).to.equal(2)
    keeper.takeBack(WRITER, 1)
    expect(readdirSync(join(journal.path, asideBulksDirectory))).to.deep.equal([
      batchName(batchKey(WRITER, 1, 1)),
    ])
  })
})
