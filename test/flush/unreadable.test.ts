import { mock } from 'node:test'
import { expect } from 'chai'
import { raisedConditions } from '../../lib/books/conditions.ts'
import type { BacklogItem, EndedWriter, FilesUnit } from '../../lib/journal/files/item.ts'
import { CONTROL, DATABASE_UP } from '../../lib/memory/layout.ts'
import { NO_CLICKS } from '../../lib/rows/classes.ts'
import { noJournal } from '../support/no-journal.ts'
import { FlusherModel } from './flusher-model.ts'
import { click, end, LONG_MS, ROOMY, runUntilIdle, stopTime } from './flusher-steps.ts'
import { type Fate, GOOD_FATE } from './worker-model.ts'

const UNREADABLE: Fate = { death: null, storing: 'unreadable' }

describe('what waits in the journal and cannot be read now', () => {
  stopTime()

  it('lets what other writers have left pass, and this process’s clicks, but nothing of its own writer', async () => {
    const { model, stored } = recovering([unit('a', 1), unit('a', 2), endOf('a'), unit('b', 1), endOf('b')])
    click(model)
    model.ask('stored')
    // The collect has begun. The first store is a ping that finds out which database is there.
    model.worker.fates.push(GOOD_FATE, UNREADABLE)
    model.flusher.allowStoring()
    await runUntilIdle(model)
    expect(stored).to.deep.equal(['b 1', 'end of b', 'own 1'])
    expect(model.openAsks).to.equal(0)
    mock.timers.tick(LONG_MS)
    await runUntilIdle(model)
    expect(stored.slice(3)).to.deep.equal(['a 1', 'a 2', 'end of a'])
    await end(model)
  })

  it('has a reason of its own until it is read, and the database does not count as away', async () => {
    const { model } = recovering([unit('a', 1), unit('b', 1)])
    // The first store is a ping that finds out which database is there.
    model.worker.fates.push(GOOD_FATE, UNREADABLE)
    model.flusher.allowStoring()
    await runUntilIdle(model)
    expect(reasons(model)).to.deep.equal(['journal_unreadable'])
    expect(Atomics.load(model.memory.i32, CONTROL.databaseState)).to.equal(DATABASE_UP)
    expect(model.lastError).to.equal(null)
    click(model)
    model.ask('stored')
    await runUntilIdle(model)
    expect(model.openAsks, 'asks that wait').to.equal(0)
    expect(model.balance).to.deep.equal({ accepted: 1, stored: 1, pending: 0, lost: 0 })
    expect(reasons(model)).to.deep.equal(['journal_unreadable'])
    mock.timers.tick(LONG_MS)
    await runUntilIdle(model)
    expect(reasons(model)).to.deep.equal([])
  })

  it('is tried again at a stop, which waits for it', async () => {
    const { model, stored } = recovering([unit('a', 1)])
    // The first store is a ping that finds out which database is there.
    model.worker.fates.push(GOOD_FATE, UNREADABLE)
    model.flusher.allowStoring()
    await runUntilIdle(model)
    await end(model)
    expect(stored[0]).to.equal('a 1')
  })

  it('holds up this process’s later clicks when it is this process’s own', async () => {
    const { model, stored } = recovering([{ ...unit('own', 1), isOwn: true }])
    // The first store is a ping that finds out which database is there.
    model.worker.fates.push(GOOD_FATE, UNREADABLE)
    model.flusher.allowStoring()
    await runUntilIdle(model)
    click(model)
    model.ask('collected')
    await runUntilIdle(model)
    expect(stored).to.deep.equal([])
    expect(reasons(model)).to.deep.equal(['journal_unreadable'])
    mock.timers.tick(LONG_MS)
    await runUntilIdle(model)
    expect(stored).to.deep.equal(['own 1', 'own 1'])
    expect(reasons(model)).to.deep.equal([])
  })
})

function recovering(left: (FilesUnit | EndedWriter)[]) {
  const stored: string[] = []
  const told = noJournal({ hasClicks: () => false, stored: item => void stored.push(nameOf(item)) }, left)
  return { model: new FlusherModel({ ...ROOMY, journal: told }), stored }
}

function nameOf(item: BacklogItem): string {
  if (item.kind === 'writer') return `end of ${item.writer}`
  return `${item.kind === 'batch' ? 'own' : item.writer} ${item.generation}`
}

function unit(writer: string, generation: number): FilesUnit {
  return { kind: 'files', writer, generation, names: [], isOwn: false, isAdopted: false, totals: NO_CLICKS }
}

function endOf(writer: string): EndedWriter {
  return { kind: 'writer', writer, totals: NO_CLICKS }
}

function reasons(model: FlusherModel): string[] {
  return raisedConditions(model.memory).map(({ name }) => name)
}
