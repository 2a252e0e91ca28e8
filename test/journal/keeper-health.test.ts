import fs, { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import pino from 'pino'
import { readNumber } from '../../lib/books/balance.ts'
import { raisedConditions } from '../../lib/books/conditions.ts'
import { failing, OTHER_WRITER, replaceInFs, systemError, WRITER } from './journal-support.ts'
import { KeptJournal, ticksKey } from './keeper-support.ts'

describe('what the keeper of the journal tells on /health', () => {
  let journal: KeptJournal
  beforeEach(() => {
    journal = new KeptJournal()
  })
  afterEach(() => journal[Symbol.dispose]())

  it('tells number, bytes and age of the files, and survives a disk that cannot', () => {
    const { keeper, memory } = journal.newKeeper()
    journal.put(ticksKey(WRITER, 1), undefined, 100)
    journal.put(ticksKey(OTHER_WRITER, 1), undefined, 50)
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
    const { keeper, memory } = journal.newKeeper(pino({}, { write: line => lines.push(line) }))
    const odd = ['a', 'b"', 'c', 'd', 'e'].map(name => `${name}.ticks`)
    for (const name of odd) writeFileSync(join(journal.path, name), '')
    for (let second = 0; second < 10; second++) keeper.measure(Date.now())
    expect(raisedConditions(memory)).to.have.length(1)
    expect(raisedConditions(memory)[0]).to.have.property('name', 'journal_odd_files')
    expect(raisedConditions(memory)[0]!.text).to.include('"a.ticks", "b\\".ticks", "c.ticks" and 2 more')
    expect(lines).to.have.length(1)
    for (const name of odd) rmSync(join(journal.path, name))
    keeper.measure(Date.now())
    expect(raisedConditions(memory)).to.deep.equal([])
  })

  it('tells which files a newer version has written, by name or by content, and that they wait for it', () => {
    const { keeper, memory } = journal.newKeeper()
    const newer = `${OTHER_WRITER}.1.0-0.ticks3`
    writeFileSync(join(journal.path, newer), '')
    keeper.measure(Date.now())
    expect(raisedConditions(memory).map(({ name }) => name)).to.deep.equal(['journal_newer'])
    expect(raisedConditions(memory)[0]!.text).to.include(`"${newer}": these clicks wait for that version`)
    expect(readNumber(memory, 'journalFiles'), 'of ours').to.equal(0)
    rmSync(join(journal.path, newer))
    keeper.measure(Date.now())
    expect(raisedConditions(memory)).to.deep.equal([])
    keeper.leaveToNewer('a')
    keeper.measure(Date.now())
    expect(raisedConditions(memory)[0]!.text).to.include('"a"')
  })

  it('goes by the time of writing where files have no time of birth', () => {
    const { keeper, memory } = journal.newKeeper()
    journal.put(ticksKey(WRITER, 1))
    const { lstatSync } = fs
    using _ = replaceInFs({
      lstatSync: ((file: string) => Object.assign(lstatSync(file), { birthtimeMs: 0 })) as never,
    })
    keeper.measure(Date.now() + 60_000)
    expect(readNumber(memory, 'journalOldestMs')).to.be.within(59_000, 90_000)
  })

  it('tells of a directory that goes on failing once', () => {
    const lines: string[] = []
    const { keeper } = journal.newKeeper(pino({}, { write: line => lines.push(line) }))
    using _ = replaceInFs({ readdirSync: failing('EIO') as never })
    for (let second = 0; second < 10; second++) keeper.measure(Date.now())
    expect(lines).to.have.length(1)
    expect(lines[0])
      .to.match(/the journal's directory: cannot look through/)
      .and.to.match(/EIO/)
  })
})
