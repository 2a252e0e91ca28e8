import { expect } from 'chai'
import fc from 'fast-check'
import {
  batchName,
  innerDirectories,
  isUnfinished,
  markName,
  newerKind,
  parseName,
  ticksName,
  unfinishedName,
} from '../../lib/journal/files/names.ts'
import { KEY, OTHER_WRITER, WRITER } from './journal-support.ts'
import { batchNameVersion1, PATTERNS_VERSION_1, ticksNameVersion1 } from './version-1.ts'

const BATCH_KEY = { ...KEY, lastGeneration: 12, thread: 0 }
const MARKS = [null, OTHER_WRITER].flatMap(database =>
  [false, true].map(isAdopted => ({ writer: WRITER, database, isAdopted })),
)
const OUR_NAMES = [
  ticksName(KEY, 0),
  batchName(BATCH_KEY),
  unfinishedName(batchName(BATCH_KEY)),
  ...MARKS.map(markName),
  ...innerDirectories,
]

describe('names of journal files', () => {
  it('say what a file holds', () => {
    const ticks = ticksName(KEY, 3)
    expect(parseName(ticks)).to.deep.equal({ kind: 'ticks', version: 2, name: ticks, key: KEY })
    const batch = batchName(BATCH_KEY)
    expect(parseName(batch)).to.deep.equal({ kind: 'batch', version: 2, name: batch, key: BATCH_KEY })
    for (const mark of MARKS) {
      const name = markName(mark)
      expect(parseName(name)).to.deep.equal({ kind: 'writer', name, ...mark })
    }
  })

  it('say so for the names of version 1, with and without a database', () => {
    const ticks = ticksNameVersion1(KEY, 3)
    expect(parseName(ticks)).to.deep.equal({ kind: 'ticks', version: 1, name: ticks, key: KEY })
    const batch = batchNameVersion1(BATCH_KEY)
    expect(parseName(batch)).to.deep.equal({ kind: 'batch', version: 1, name: batch, key: BATCH_KEY })
    expect(isUnfinished(`${batch}.new`)).to.equal(true)
    for (const [name, mark] of [
      [`${WRITER}.writer`, { writer: WRITER, database: null, isAdopted: false }],
      [`${WRITER}.adopted.writer`, { writer: WRITER, database: null, isAdopted: true }],
      [`${WRITER}.${OTHER_WRITER}.writer`, { writer: WRITER, database: OTHER_WRITER, isAdopted: false }],
      [
        `${WRITER}.${OTHER_WRITER}.adopted.writer`,
        { writer: WRITER, database: OTHER_WRITER, isAdopted: true },
      ],
    ] as const)
      expect(parseName(name)).to.deep.equal({ kind: 'writer', name, ...mark })
  })

  it('are none that the first release would take for its own, or remove', () => {
    for (const name of OUR_NAMES)
      for (const pattern of Object.values(PATTERNS_VERSION_1)) expect(name).not.to.match(pattern)
  })

  it('of a newer version are known for that, and are not ours', () => {
    for (const [name, kind] of [
      [`${WRITER}.7.1-0.ticks3`, 'clicks'],
      [`${WRITER}.7-12.batch10`, 'clicks'],
      [`${WRITER}.anything-else.ticks3`, 'clicks'],
      [`${WRITER}.7-12.batch3.new`, 'other'],
      [`${WRITER}.writer3`, 'other'],
      [`${WRITER}.${OTHER_WRITER}.adopted.writer3`, 'other'],
    ] as const) {
      expect(newerKind(name), name).to.equal(kind)
      expect(parseName(name), name).to.equal(null)
      expect(isUnfinished(name), name).to.equal(false)
    }
    for (const name of [
      ...OUR_NAMES,
      `${WRITER}.7.1-0.ticks1`,
      `${WRITER}.7.1-0.ticks03`,
      '.ticks3',
      'x.writer3',
    ])
      expect(newerKind(name), name).to.equal(null)
  })

  const others = [
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
  ]
  const inVersion2 = others.filter(name => /\.(ticks|batch|writer)$/.test(name)).map(name => `${name}2`)
  for (const name of [...others, ...inVersion2])
    it(`leave ${JSON.stringify(name)} to others`, () => {
      expect(parseName(name)).to.equal(null)
    })

  it('are taken for ours only when they are exactly what this program or the first release would write', () => {
    const number = fc.oneof(
      fc.constantFrom('0', '1', '7', '07', '-1', '+1', '1e3', '2147483647', '2147483648', '4294967296', ''),
      fc.maxSafeNat().map(String),
    )
    const digit = fc.constantFrom('', '1', '2', '02', '3')
    const name = fc.oneof(
      fc.tuple(number, number, number, digit).map(([g, t, n, d]) => `${WRITER}.${g}.${t}-${n}.ticks${d}`),
      fc.tuple(number, number, digit).map(([first, last, d]) => `${WRITER}.${first}-${last}.batch${d}`),
    )
    fc.assert(
      fc.property(name, name => {
        const file = parseName(name)
        if (file === null || file.kind === 'writer') return
        const { firstGeneration, lastGeneration, thread } = file.key
        const sequence = Number(/-(\d+)\.ticks2?$/.exec(name)?.[1] ?? 0)
        const [ticks, batch] =
          file.version === 1 ? [ticksNameVersion1, batchNameVersion1] : [ticksName, batchName]
        expect(file.kind === 'ticks' ? ticks(file.key, sequence) : batch(file.key)).to.equal(name)
        expect(firstGeneration).to.be.within(1, lastGeneration)
        for (const number of [lastGeneration, thread, sequence]) expect(number).to.be.within(0, 2 ** 31 - 1)
      }),
    )
  })
})
