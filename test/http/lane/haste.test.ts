import { setImmediate as turnEnd, setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { newSeed, seededRandom } from '../../support/random.ts'
import { parseAnswers } from './answers.ts'
import { Client } from './client.ts'
import { CLICK, HOST } from './corpus/parts.ts'
import { clickOf, type LaneServer, startLane } from './server.ts'

const SEED = Number(process.env.CLICKCOUNTER_TEST_LANE_HASTE_SEED ?? newSeed())
const CONNECTIONS = 150
const AT_A_TIME = 10
const MOST_REQUESTS = 200
const MOST_PIECE_BYTES = 3000

type MakeRequest = (bannerId: number) => { text: string; status: number; isClick: boolean }

/** Says when its ticks end: with their turn, or later. */
class SlowRecorder {
  readonly #random: (limit: number) => number
  /** Banners, in the order of their clicks. */
  readonly clicked: number[] = []
  #tick: Promise<unknown> | null = null

  constructor(random: (limit: number) => number) {
    this.#random = random
  }

  async record(bannerId: number): Promise<void> {
    this.clicked.push(bannerId)
    this.#tick ??= (this.#random(2) === 0 ? turnEnd() : wait(this.#random(3))).finally(() => {
      this.#tick = null
    })
    await this.#tick
  }
}

/** For the lane and for Node's HTTP server, with clicks in the bodies. */
function requestMakers(random: (limit: number) => number): readonly MakeRequest[] {
  const post = (bannerId: number, fields: string, body: string) =>
    `POST /counter/${bannerId} HTTP/1.1\r\n${HOST}${fields}\r\n\r\n${body}`
  const counted = (bannerId: number) => {
    const body = CLICK.repeat(random(3))
    return post(bannerId, `Content-Length: ${body.length}`, body)
  }
  const chunked = (bannerId: number) =>
    post(bannerId, 'Transfer-Encoding: chunked', `${CLICK.length.toString(16)}\r\n${CLICK}\r\n0\r\n\r\n`)
  const asClick = (text: string) => ({ text, status: 204, isClick: true })
  return [
    bannerId => asClick(clickOf(bannerId)),
    bannerId => asClick(clickOf(bannerId).replace('Host', `A: ${'a'.repeat(random(20_000))}\r\nHost`)),
    bannerId => asClick(clickOf(bannerId).replace('1.1\r\n', '1.0\r\nConnection: keep-alive\r\n')),
    bannerId => asClick(counted(bannerId)),
    bannerId => asClick(chunked(bannerId)),
    bannerId => ({ text: counted(bannerId).replace('POST', 'PUT'), status: 405, isClick: false }),
    () => ({ text: `GET /counter/0 HTTP/1.1\r\n${HOST}\r\n`, status: 400, isClick: false }),
    () => ({ text: `GET /health/live HTTP/1.1\r\n${HOST}\r\n`, status: 200, isClick: false }),
  ]
}

describe('clients that do not wait for answers', () => {
  let server: LaneServer
  afterEach(() => server.stop())

  it(`have each click counted once, and each answer in its place (seed ${SEED})`, async () => {
    const random = seededRandom(SEED)
    const recorder = new SlowRecorder(random)
    server = await startLane({ recorder })
    const makers = requestMakers(random)
    let bannerId = 0
    const expected: number[] = []

    async function haste(): Promise<void> {
      const requests = Array.from({ length: 1 + random(MOST_REQUESTS) }, () => {
        return { ...makers[random(makers.length)]!(++bannerId), bannerId }
      })
      const client = new Client(server.port, 'client')
      await client.connected
      const cutsAnywhere = random(3) === 0
      for (let rest = requests.map(({ text }) => text); rest.length > 0; ) {
        const piece = rest.splice(0, 1 + random(random(4) === 0 ? 80 : 3)).join('')
        const cut = cutsAnywhere ? random(Math.min(piece.length, MOST_PIECE_BYTES)) : 0
        client.send(Buffer.from(piece.slice(0, cut)))
        if (random(3) > 0) await turnEnd()
        client.send(Buffer.from(piece.slice(cut)))
        if (random(3) === 0) await wait(random(3))
      }
      client.end()
      await client.closed
      const statuses = parseAnswers(client.received).map(({ status }) => Number(status.split(' ')[1]))
      expect(statuses, `seed ${SEED}`).to.deep.equal(requests.map(({ status }) => status))
      expected.push(...requests.filter(({ isClick }) => isClick).map(request => request.bannerId))
    }

    for (let connections = 0; connections < CONNECTIONS; connections += AT_A_TIME)
      await Promise.all(Array.from({ length: AT_A_TIME }, haste))
    const ascending = (a: number, b: number) => a - b
    expect(recorder.clicked.sort(ascending), `seed ${SEED}`).to.deep.equal(expected.sort(ascending))
    expect(server.requests()).to.be.below(bannerId)
  })
})
