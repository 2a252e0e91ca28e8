import { once } from 'node:events'
import { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { bodyOf, inPieces } from '../../../lib/http/api/stats/pieces.ts'
import { entriesOf, FakeStats, NOTHING } from './fake-stats.ts'

const PIECES = 50
const PIECE = 'x'.repeat(16 * 1024)

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

  it('are short texts, joined until they are worth a write', () => {
    const pieces = [...inPieces(Array.from({ length: 10_000 }, (_, nth) => `${nth},`))]
    expect(pieces.join('')).to.equal(Array.from({ length: 10_000 }, (_, nth) => `${nth},`).join(''))
    expect(pieces).to.have.lengthOf(3)
    for (const { length } of pieces) expect(length).to.be.below(PIECE.length + 10)
    expect([...inPieces(Array.from({ length: 5 }, () => PIECE))]).to.have.lengthOf(5)
    expect([...inPieces([])]).to.deep.equal([])
  })

  it('of the largest answer about many are short, too', async () => {
    const stats = new FakeStats()
    const entries = Array.from({ length: 50 }, (_, day) => [
      new Date(Date.UTC(2024, 0, 1 + day)).toISOString(),
      ...['1000000', '1000000', '1000000'],
    ]) as [string, string, string, string][]
    stats.many = ({ from, to }) => ({
      ...{ range: { from, to }, sums: NOTHING, entries: [], compared: null },
      groups: Array.from({ length: 1000 }, (_, nth) => ({
        of: { bannerId: 1 + nth, name: 'a name' },
        ...NOTHING,
        entries: [entriesOf(...entries)],
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
    // A piece ends with the entries of a banner, of which each has less than 6 000 characters.
    expect(turns).to.be.above(payload.length / (PIECE.length + 6000))
  })
})
