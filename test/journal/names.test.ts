import { expect } from 'chai'
import { batchName, parseName, ticksName, writerName } from '../../lib/journal/names.ts'
import { KEY, WRITER } from './journal-support.ts'

describe('names of journal files', () => {
  it('say what a file holds', () => {
    const ticks = ticksName(KEY, 3)
    expect(parseName(ticks)).to.deep.equal({ kind: 'ticks', name: ticks, key: KEY })
    const batchKey = { ...KEY, lastGeneration: 12, thread: 0 }
    const batch = batchName(batchKey)
    expect(parseName(batch)).to.deep.equal({ kind: 'batch', name: batch, key: batchKey })
    const mark = writerName(WRITER)
    expect(parseName(mark)).to.deep.equal({ kind: 'writer', name: mark, writer: WRITER })
  })

  for (const name of [
    '',
    'damaged',
    'notes.txt',
    `${WRITER}.7-12.batch.new`,
    `${WRITER}.7.batch`,
    `${WRITER}.7.1.ticks`,
    `${WRITER}.7.1-0.ticks~`,
    `${WRITER}.-7.1-0.ticks`,
    `x${WRITER}.7.1-0.ticks`,
    `${WRITER.slice(1)}.7.1-0.ticks`,
    `${WRITER.toUpperCase()}.7.1-0.ticks`,
    '.writer',
  ])
    it(`leave ${JSON.stringify(name)} to others`, () => {
      expect(parseName(name)).to.equal(null)
    })
})
