import { once } from 'node:events'
import { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { unpackedMinutes } from '../../../db/stats/entries.ts'
import type { StatsPart } from '../../../db/stats/read-stats.ts'
import { statsCsv } from '../../../lib/http/api/stats/csv.ts'
import { statsJson } from '../../../lib/http/api/stats/json.ts'
import { PIECE_BYTES, Piece } from '../../../lib/http/api/stats/piece.ts'
import { bodyOf } from '../../../lib/http/api/stats/pieces.ts'
import type { Question } from '../../../lib/questions/question.ts'
import { stepStarts } from '../../../lib/questions/step-starts.ts'
import { entriesOf, FakeStats, NOT_FINAL, NOTHING } from './fake-stats.ts'

const PIECES = 50
/** An entry has less. */
const ENTRY_BYTES = 200
const PIECE = Buffer.alloc(PIECE_BYTES, 'x')

describe('The pieces of an answer', () => {
  /** Pieces, with notes of how many were made and if the making has ended. */
  function startMaking() {
    const notes = { made: 0, hasEnded: false }
    const pieces = (function* () {
      try {
        for (; notes.made < PIECES; notes.made++) yield PIECE
      } finally {
        notes.hasEnded = true
      }
    })()
    return { notes, pieces }
  }

  it('are made in turns of their own, however fast they are read', async () => {
    const { notes, pieces } = startMaking()
    const madeByTurn: number[] = []
    const body = (await bodyOf(pieces)).pipe(
      new Writable({ write: (_chunk, _encoding, callback) => callback() }),
    )
    const finished = once(body, 'finish')
    while (!notes.hasEnded) {
      await setImmediate()
      madeByTurn.push(notes.made)
    }
    await finished
    const mostInATurn = Math.max(...madeByTurn.map((made, turn) => made - (madeByTurn[turn - 1] ?? 0)))
    expect(notes.made).to.equal(PIECES)
    expect(mostInATurn).to.be.at.most(2)
  })

  it('are not made before somebody reads them', async () => {
    const { notes, pieces } = startMaking()
    const body = await bodyOf(pieces)
    body.read(1)
    for (let turn = 0; turn < 100; turn++) await setImmediate()
    expect(notes.made).to.be.within(0, 2)
    body.destroy()
    await once(body, 'close')
    expect(notes.hasEnded).to.equal(true)
  })

  it('are at their end when the body goes, also where nobody has read of it', async () => {
    const { notes, pieces } = startMaking()
    const body = (await bodyOf(pieces)).destroy()
    await once(body, 'close')
    expect(notes).to.deep.equal({ made: 0, hasEnded: true })
  })

  it('have each text in UTF-8, whatever its length', () => {
    const piece = new Piece()
    const texts = [
      '',
      'plain',
      'ä',
      'a€',
      '\u{1f600}',
      'x'.repeat(20_000),
      '\ud800',
      `${'y'.repeat(3000)}ü`,
      'z',
    ]
    for (const text of texts) piece.text(text)
    expect(piece.isFull).to.equal(true)
    expect(piece.take().equals(Buffer.from(texts.join('')))).to.equal(true)
    expect(piece).to.include({ isEmpty: true, isFull: false })
  })

  for (const [name, format] of Object.entries({ JSON: statsJson, CSV: statsCsv }))
    it(`of one banner are as short in ${name}, however many entries are read at once`, async () => {
      const range = { from: new Date('2024-01-01'), to: new Date('2024-02-01') }
      const zone = 'Asia/Kathmandu'
      const question: Question = { ...range, step: 'minute', timeZone: zone, fill: true, compare: null }
      const zeros = Array(44_640).fill(0).join()
      const packed = { entryTotals: zeros, entryBots: zeros, entryDuplicates: zeros }
      const entries = unpackedMinutes({ entrySteps: stepStarts(question).join(), ...packed })
      const parts = async function* (): AsyncGenerator<StatsPart> {
        yield* [
          { kind: 'begun', final: NOT_FINAL },
          { kind: 'sums', range, sums: NOTHING },
          { kind: 'page', entries },
        ] as const
      }
      const pieces = await Array.fromAsync(format.one(parts(), 7, question))
      expect(
        Buffer.concat(pieces)
          .toString()
          .match(/T\d\d:\d\d:00\+05:45/g),
      ).to.have.length.above(44_639)
      expect(pieces.slice(1).map(({ length }) => length)).to.satisfy((lengths: number[]) =>
        lengths.every(length => length < PIECE_BYTES + ENTRY_BYTES),
      )
    })

  it('of the largest answer about many are short, too', async () => {
    const stats = new FakeStats()
    const rows = Array.from({ length: 50 }, (_, day) => [
      new Date(Date.UTC(2024, 0, 1 + day)).toISOString(),
      ...['1000000', '1000000', '1000000'],
    ]) as [string, string, string, string][]
    stats.many = ({ from, to }) => ({
      ...{ range: { from, to }, sums: NOTHING, entries: null, compared: null },
      final: NOT_FINAL,
      groups: Array.from({ length: 1000 }, (_, nth) => ({
        of: { bannerId: 1 + nth, name: 'a name' },
        ...NOTHING,
        entries: () => entriesOf(...rows),
      })),
    })
    let isAnswered = false
    let turns = 0
    const answer = stats.get('/stats?from=2024-01-01&to=2024-02-20&step=day').finally(() => {
      isAnswered = true
    })
    for (; !isAnswered; turns++) await setImmediate()
    const { payload } = await answer
    expect(JSON.parse(payload).banners).to.have.lengthOf(1000)
    expect(payload.length).to.be.above(3_000_000)
    expect(turns).to.be.above(payload.length / (PIECE_BYTES + ENTRY_BYTES))
  })
})
