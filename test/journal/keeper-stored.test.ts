import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { readNumber } from '../../lib/books/balance.ts'
import { batchName, markName, ticksName } from '../../lib/journal/files/names.ts'
import { NOTHING_SETTLED } from '../../lib/rows/settled.ts'
import { validOnly } from '../support/balance.ts'
import { settledAs } from '../support/settled.ts'
import { failing, OTHER_WRITER, replaceInFs, WRITER, writerName } from './journal-support.ts'
import { batch, batchKey, DATABASE, KeptJournal, OWN_MARK, ticksKey, unit } from './keeper-support.ts'

describe('the keeper of the journal, once something is stored,', () => {
  let journal: KeptJournal
  beforeEach(() => {
    journal = new KeptJournal()
  })
  afterEach(() => journal[Symbol.dispose]())

  it("removes this writer's files up to that generation, and no others", () => {
    const { keeper } = journal.newKeeper()
    for (const generation of [1, 2, 3]) journal.put(ticksKey(WRITER, generation))
    journal.put(ticksKey(OTHER_WRITER, 1))
    keeper.stored(batch(1, 2), settledAs(validOnly(1)), [])
    expect(journal.names()).to.deep.equal(
      [writerName(WRITER), ticksName(ticksKey(WRITER, 3), 0), ticksName(ticksKey(OTHER_WRITER, 1), 0)].sort(),
    )
  })

  it('puts damaged files aside, and shows their number on /health', () => {
    const { keeper, memory } = journal.newKeeper()
    for (const generation of [1, 2]) journal.put(ticksKey(OTHER_WRITER, generation))
    const [good, bad] = [1, 2].map(generation => ticksName(ticksKey(OTHER_WRITER, generation), 0))
    keeper.stored(unit(2, [good!, bad!]), NOTHING_SETTLED, [bad!])
    expect(journal.names()).to.deep.equal([writerName(WRITER)])
    expect(readdirSync(join(journal.path, 'damaged'))).to.deep.equal([bad])
    keeper.measure(Date.now())
    expect(readNumber(memory, 'journalDamaged')).to.equal(1)
    expect(readNumber(memory, 'journalFiles')).to.equal(0)
  })

  it('says whether something of a writer waits, and that it does when nobody can tell', () => {
    const { keeper } = journal.newKeeper()
    expect(keeper.hasClicks(OTHER_WRITER)).to.equal(false)
    journal.put(ticksKey(OTHER_WRITER, 1))
    expect(keeper.hasClicks(OTHER_WRITER)).to.equal(true)
    keeper.stored(unit(1, [ticksName(ticksKey(OTHER_WRITER, 1), 0)]), NOTHING_SETTLED, [])
    expect(keeper.hasClicks(OTHER_WRITER)).to.equal(false)
    using _ = replaceInFs({ readdirSync: failing('EIO') as never })
    expect(keeper.hasClicks(OTHER_WRITER)).to.equal(true)
  })

  it('keeps the mark of a writer that had ended while its clicks wait again', () => {
    const { keeper } = journal.newKeeper(undefined, Number.POSITIVE_INFINITY)
    journal.put(ticksKey(OTHER_WRITER, 1))
    const [files, end] = journal.recovered(keeper)
    keeper.stored(files!, settledAs(validOnly(1)), [])
    keeper.stored(end!, NOTHING_SETTLED, [])
    expect(keeper.keptGenerations).to.deep.equal(new Map([[OTHER_WRITER, 1]]))
    keeper.takeBack(OTHER_WRITER, 0)
    keeper.compared()
    expect(journal.names()).to.include(
      markName({ writer: OTHER_WRITER, database: DATABASE, isAdopted: false }),
    )
    keeper.stored(files!, settledAs(validOnly(1)), [])
    expect(keeper.keptGenerations).to.deep.equal(new Map([[OTHER_WRITER, 1]]))
  })

  it('keeps no file twice that could not be moved or removed when it was stored', () => {
    const { keeper } = journal.newKeeper(undefined, Number.POSITIVE_INFINITY)
    journal.recovered(keeper)
    journal.put(ticksKey(WRITER, 1))
    {
      using _ = replaceInFs({ unlinkSync: failing('EIO'), renameSync: failing('EIO') })
      keeper.stored(batch(1, 1), settledAs(validOnly(3)), [])
    }
    journal.put(ticksKey(WRITER, 2))
    keeper.stored(batch(2, 2), settledAs(validOnly(6)), [])
    expect(journal.names(), 'what could not be kept goes').to.deep.equal([OWN_MARK])
    expect(keeper.takeBack(WRITER, 0).items.map(({ names, settled }) => ({ names, settled }))).to.deep.equal([
      { names: [ticksName(ticksKey(WRITER, 2), 0)], settled: settledAs(validOnly(6)) },
    ])
  })

  it('leaves what it cannot move to the next start', () => {
    const { keeper } = journal.newKeeper()
    journal.put(ticksKey(OTHER_WRITER, 1))
    const item = unit(1, [ticksName(ticksKey(OTHER_WRITER, 1), 0)])
    {
      using _ = replaceInFs({ unlinkSync: failing('EIO'), renameSync: failing('EIO') })
      keeper.stored(item, NOTHING_SETTLED, [])
    }
    expect(keeper.hasClicks(OTHER_WRITER)).to.equal(true)
    expect(journal.recovered(journal.newKeeper().keeper)[0]).to.deep.equal(item)
  })

  it('puts clicks aside once, also when what their batch sums up could not be removed', () => {
    const { keeper } = journal.newKeeper()
    journal.put(ticksKey(WRITER, 1))
    const waiting = batch(1, 1)
    {
      using _ = replaceInFs({ unlinkSync: failing('EIO') })
      keeper.spill(waiting)
    }
    expect(keeper.setAside(waiting)).to.equal(true)
    expect(journal.names()).to.have.members(['aside', writerName(WRITER)])
    expect(readdirSync(join(journal.path, 'aside'))).to.deep.equal([batchName(batchKey(WRITER, 1, 1))])
  })
})
