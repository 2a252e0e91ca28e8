import { expect } from 'chai'
import fc from 'fast-check'
import { batchName, innerDirectories, markName, parseName, ticksName } from '../../lib/journal/files/names.ts'
import { KEY, OTHER_WRITER, WRITER, writerName } from './journal-support.ts'

describe('names of journal files', () => {
  it('say what a file holds', () => {
    const ticks = ticksName(KEY, 3)
    expect(parseName(ticks)).to.deep.equal({ kind: 'ticks', name: ticks, key: KEY })
    const batchKey = { ...KEY, lastGeneration: 12, thread: 0 }
    const batch = batchName(batchKey)
    expect(parseName(batch)).to.deep.equal({ kind: 'batch', name: batch, key: batchKey })
    for (const database of [null, OTHER_WRITER])
      for (const isAdopted of [false, true]) {
        const mark = { writer: WRITER, database, isAdopted }
        const name = markName(mark)
        expect(parseName(name)).to.deep.equal({ kind: 'writer', name, ...mark })
      }
    expect(writerName(WRITER), 'as the first release named it').to.equal(`${WRITER}.writer`)
  })

  it('that the first release does not know are none that it would take for its own', () => {
    const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
    const released = [
      `${uuid}\\.writer`,
      `${uuid}\\.\\d+\\.\\d+-\\d+\\.ticks`,
      `${uuid}\\.\\d+-\\d+\\.batch`,
      '.*\\.batch\\.new',
    ]
    for (const name of [
      markName({ writer: WRITER, database: OTHER_WRITER, isAdopted: false }),
      markName({ writer: WRITER, database: null, isAdopted: true }),
      ...innerDirectories,
    ])
      for (const pattern of released) expect(name).not.to.match(new RegExp(`^${pattern}$`))
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
    `${WRITER}.adopted`,
    `${WRITER}.${WRITER}.${WRITER}.writer`,
    `${WRITER}.adopted.${WRITER}.writer`,
    `${WRITER}.${WRITER.toUpperCase()}.writer`,
    `${WRITER}.4294967296.0-0.ticks`,
    `${WRITER}.2147483648.0-0.ticks`,
    `${WRITER}.0.0-0.ticks`,
    `${WRITER}.07.1-0.ticks`,
    `${WRITER}.7.01-0.ticks`,
    `${WRITER}.7.1-00.ticks`,
    `${WRITER}.7.4294967296-0.ticks`,
    `${WRITER}.7.1-99999999999999999999.ticks`,
    `${WRITER}.0-7.batch`,
    `${WRITER}.12-7.batch`,
    `${WRITER}.7-2147483648.batch`,
    `${WRITER}.7-9007199254740993.batch`,
    `${WRITER}.7.1-0.ticks\n`,
  ])
    it(`leave ${JSON.stringify(name)} to others`, () => {
      expect(parseName(name)).to.equal(null)
    })

  it('are taken for ours only when they are exactly what this program would write', () => {
    const number = fc.oneof(
      fc.constantFrom('0', '1', '7', '07', '-1', '+1', '1e3', '2147483647', '2147483648', '4294967296', ''),
      fc.maxSafeNat().map(String),
    )
    const name = fc.oneof(
      fc.tuple(number, number, number).map(([g, t, n]) => `${WRITER}.${g}.${t}-${n}.ticks`),
      fc.tuple(number, number).map(([first, last]) => `${WRITER}.${first}-${last}.batch`),
    )
    fc.assert(
      fc.property(name, name => {
        const file = parseName(name)
        if (file === null || file.kind === 'writer') return
        const { firstGeneration, lastGeneration, thread } = file.key
        const sequence = Number(/-(\d+)\.ticks$/.exec(name)?.[1] ?? 0)
        expect(file.kind === 'ticks' ? ticksName(file.key, sequence) : batchName(file.key)).to.equal(name)
        expect(firstGeneration).to.be.within(1, lastGeneration)
        for (const number of [lastGeneration, thread, sequence]) expect(number).to.be.within(0, 2 ** 31 - 1)
      }),
    )
  })
})
