import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { StartError } from '../../lib/base/errors.ts'
import { batchName, markName, ticksName } from '../../lib/journal/files/names.ts'
import { NO_CLICKS } from '../../lib/rows/classes.ts'
import { failing, OTHER_WRITER, replaceInFs, WRITER, writerName } from './journal-support.ts'
import { batchKey, KeptJournal, OWN_MARK, ticksKey, unit } from './keeper-support.ts'

const THIRD_WRITER = '33333333-0000-4000-8000-000000000003'

describe('the keeper of the journal, at the start,', () => {
  let journal: KeptJournal
  beforeEach(() => {
    journal = new KeptJournal()
  })
  afterEach(() => journal[Symbol.dispose]())

  it("makes a directory that is private to this user, with this writer's mark", () => {
    journal.newKeeper()
    expect(statSync(journal.path).mode & 0o777).to.equal(0o700)
    expect(statSync(join(journal.path, 'damaged')).mode & 0o777).to.equal(0o700)
    expect(journal.names()).to.deep.equal([writerName(WRITER)])
  })

  it('says so when the place is taken by something else', () => {
    writeFileSync(journal.path, 'a file')
    expect(() => journal.newKeeper()).to.throw(StartError, journal.path)
  })

  it('queues what earlier writers have left, in order, and behind it the end of each', () => {
    journal.newKeeper()
    for (const generation of [10, 9]) journal.put(ticksKey(OTHER_WRITER, generation))
    journal.put(ticksKey(WRITER, 1))
    writeFileSync(join(journal.path, writerName(OTHER_WRITER)), '')
    expect(journal.recovered(journal.newKeeper().keeper)).to.deep.equal([
      unit(
        10,
        [9, 10].map(generation => ticksName(ticksKey(OTHER_WRITER, generation), 0)),
      ),
      { kind: 'writer', writer: OTHER_WRITER, totals: NO_CLICKS },
    ])
  })

  it('removes ticks that a crash has left beside the batch that sums them up', () => {
    journal.newKeeper()
    for (const generation of [3, 4, 5]) journal.put(ticksKey(OTHER_WRITER, generation))
    const batch = batchKey(OTHER_WRITER, 3, 4)
    journal.put(batch, batchName(batch))
    const { keeper } = journal.newKeeper()
    keeper.recover()
    expect(journal.names()).to.deep.equal(
      [writerName(WRITER), batchName(batch), ticksName(ticksKey(OTHER_WRITER, 5), 0)].sort(),
    )
  })

  it('keeps the ticks instead of the batch that sums them up when that one is damaged', () => {
    journal.newKeeper()
    const ticks = [3, 4].map(generation => ticksKey(OTHER_WRITER, generation))
    for (const key of ticks) journal.put(key)
    const batch = batchName(batchKey(OTHER_WRITER, 3, 4))
    writeFileSync(join(journal.path, batch), 'not a batch')
    const { keeper } = journal.newKeeper()
    expect(journal.recovered(keeper)).to.deep.equal([
      unit(
        4,
        ticks.map(key => ticksName(key, 0)),
      ),
      { kind: 'writer', writer: OTHER_WRITER, totals: NO_CLICKS },
    ])
    expect(readdirSync(join(journal.path, 'damaged'))).to.deep.equal([batch])
  })

  it('forgets nothing that waits when a mark that nobody needs any more cannot be removed', () => {
    journal.newKeeper()
    journal.put(ticksKey(OTHER_WRITER, 1))
    const gone = markName({ writer: THIRD_WRITER, database: OTHER_WRITER, isAdopted: false })
    writeFileSync(join(journal.path, gone), '')
    const { keeper } = journal.newKeeper()
    using _ = replaceInFs({ unlinkSync: failing('EIO') })
    expect(journal.recovered(keeper)[0]).to.deep.equal(unit(1, [ticksName(ticksKey(OTHER_WRITER, 1), 0)]))
  })

  it('removes a batch that a crash has left half written, and nothing that is not its own', () => {
    journal.newKeeper()
    const unfinished = `${batchName(batchKey(OTHER_WRITER, 3, 4))}.new`
    journal.put(batchKey(OTHER_WRITER, 3, 4), unfinished)
    const others = ['notes.txt', 'x.new', `${OTHER_WRITER}.ticks`]
    for (const name of others) writeFileSync(join(journal.path, name), 'theirs')
    const { keeper } = journal.newKeeper()
    expect(journal.recovered(keeper)).to.deep.equal([])
    expect(journal.names()).to.deep.equal([...others, OWN_MARK].sort())
  })

  it('cannot start, with a line that says so, while what decides about other files cannot be read', () => {
    journal.newKeeper()
    journal.put(ticksKey(OTHER_WRITER, 3))
    journal.put(batchKey(OTHER_WRITER, 3, 4), batchName(batchKey(OTHER_WRITER, 3, 4)))
    const { keeper } = journal.newKeeper()
    using _ = replaceInFs({ readFileSync: failing('EMFILE') as never })
    expect(() => keeper.recover()).to.throw(StartError, 'EMFILE')
  })
})
