import { connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { expect } from 'chai'
import { REQUEST_PLACES } from '../../../lib/http/listener/limits.ts'
import { parseAnswers } from '../lane/answers.ts'
import {
  clickOf,
  connectionCount,
  type LaneOptions,
  type LaneServer,
  startLane,
  until,
} from '../lane/server.ts'

const FLOODER = '127.0.0.2'
const OTHER = '127.0.0.3'
/** Of a lone client. */
const SHARE = REQUEST_PLACES / 2
const BULK = '{"clicks":[{"id":7}]}'
/** As large as a bulk may be. */
const LARGE_BULK = `{"clicks":[${Array.from({ length: 10_000 }, (_, nth) => `{"id":${1 + (nth % 1000)}}`).join()}]}`

/** One client's connection. */
interface Client {
  readonly socket: Socket
  received: string
  isClosed: boolean
}

describe('room for everybody', () => {
  let server: LaneServer
  const clients: Client[] = []
  afterEach(async () => {
    JSON.parse = parse
    for (const { socket } of clients.splice(0)) socket.destroy()
    await server.stop()
  })

  async function open(options: LaneOptions = {}): Promise<void> {
    server = await startLane(options)
  }

  function come(localAddress: string): Client {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress })
    const client = { socket, received: '', isClosed: false }
    socket.on('data', piece => {
      client.received += piece.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      client.isClosed = true
    })
    clients.push(client)
    return client
  }

  /** `headers`: as of Answer. */
  async function answerTo(
    client: Client,
    request: string,
  ): Promise<{ status: number; headers: readonly string[] }> {
    const before = parseAnswers(client.received).length
    client.socket.write(request)
    await until('the answer', () => parseAnswers(client.received).length > before)
    const { status, headers } = parseAnswers(client.received)[before]!
    return { status: Number(status.split(' ')[1]), headers }
  }

  /** `fields`: whole lines. */
  function bulkHead(body: string, fields = ''): string {
    return `POST /counter HTTP/1.1\r\nHost: counter\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${fields}\r\n`
  }

  function get(path: string): string {
    return `GET ${path} HTTP/1.1\r\nHost: counter\r\n\r\n`
  }

  /** Bulks whose bodies do not come. Resolves when so many more are in hand, or refused. */
  async function holdBulks(address: string, count: number, fields = ''): Promise<Client[]> {
    const before = server.requests()
    const holding = Array.from({ length: count }, () => come(address))
    for (const { socket } of holding) socket.write(bulkHead(BULK, fields))
    await until('all heads', () => server.requests() === before + count)
    return holding
  }

  describe('of connections', () => {
    it('is shared: half for one client alone, and the rest for others', async () => {
      await open({ maxConnections: 16 })
      const flood = Array.from({ length: 20 }, () => come(FLOODER))
      await until('the end of those too many', () => flood.filter(({ isClosed }) => isClosed).length === 12)
      expect(await connectionCount(server.door)).to.equal(8)
      expect(server.booked('refusedConnections')).to.equal(12)
      expect((await answerTo(come(OTHER), clickOf(1))).status).to.equal(204)
      expect((await answerTo(come('127.0.0.4'), clickOf(1))).status).to.equal(204)
      // One goes, and another one may come.
      const open8 = flood.filter(({ isClosed }) => !isClosed)
      open8[0]!.socket.destroy()
      await until('its end', () => server.sockets.filter(({ destroyed }) => !destroyed).length === 9)
      for (const client of open8.slice(1)) expect((await answerTo(client, clickOf(1))).status).to.equal(204)
      expect(server.booked('refusedConnections')).to.equal(12)
    })

    it('is not bounded for a trusted proxy, which speaks for many', async () => {
      await open({ maxConnections: 16, settings: { TRUSTED_PROXIES: FLOODER } })
      for (let nth = 0; nth < 16; nth++)
        expect((await answerTo(come(FLOODER), clickOf(1))).status).to.equal(204)
      await until(
        'the end of the 17th',
        (
          last => () =>
            last.isClosed
        )(come(FLOODER)),
      )
      expect(server.booked('refusedConnections')).to.equal(1)
    })
  })

  describe('of requests', () => {
    it('is shared: one client too many gets 429 and counts nothing, and others are served', async () => {
      await open()
      const holding = await holdBulks(FLOODER, SHARE)
      const refused = await answerTo(come(FLOODER), bulkHead(BULK) + BULK)
      expect(refused.status).to.equal(429)
      expect(refused.headers).to.include.members(['connection: close', 'retry-after: 1'])
      // What has no body leaves the connection as it is.
      const asking = come(FLOODER)
      for (let nth = 0; nth < 2; nth++) {
        const { status, headers } = await answerTo(asking, get('/openapi.json'))
        expect(status).to.equal(429)
        expect(headers).to.include('connection: keep-alive')
      }
      expect(server.booked('refusedRequests')).to.equal(3)
      expect(server.booked('validInHalf1')).to.equal(0)
      // Neither his own clicks and probes, nor what others send.
      expect((await answerTo(asking, clickOf(1))).status).to.equal(204)
      expect((await answerTo(asking, get('/health/live'))).status).to.equal(200)
      expect((await answerTo(come(OTHER), bulkHead(BULK) + BULK)).status).to.equal(202)
      // One of his is answered, or gives up, and another one may come.
      expect((await answerTo(holding[0]!, BULK)).status).to.equal(202)
      expect((await answerTo(asking, get('/openapi.json'))).status).to.equal(200)
      holding[1]!.socket.destroy()
      await until('its end', () => server.sockets.filter(({ destroyed }) => destroyed).length === 2)
      expect((await answerTo(come(FLOODER), bulkHead(BULK) + BULK)).status).to.equal(202)
      expect(server.booked('refusedRequests')).to.equal(3)
    })

    it('is shared among those behind a trusted proxy', async () => {
      await open({ settings: { TRUSTED_PROXIES: FLOODER } })
      const by = (client: string) => `X-Forwarded-For: ${client}\r\n`
      await holdBulks(FLOODER, SHARE, by('2001:db8::1'))
      const bulkBy = async (client: string) =>
        (await answerTo(come(FLOODER), bulkHead(BULK, by(client)) + BULK)).status
      expect(await bulkBy('2001:db8::2')).to.equal(429)
      expect(await bulkBy('2001:db8:0:1::1')).to.equal(202)
    })
  })

  it('is left to clicks by bulks: one is read in a turn of the event loop, however many have come', async () => {
    await open()
    const flood = Array.from({ length: 40 }, () => come(FLOODER))
    const other = come(OTHER)
    const [begun, end] = [bulkHead(LARGE_BULK) + LARGE_BULK.slice(0, -1), LARGE_BULK.at(-1)!]
    for (const { socket } of flood) socket.write(begun)
    await until('all but the end', () =>
      server.sockets.slice(0, flood.length).every(({ bytesRead }) => bytesRead === begun.length),
    )
    // Their routes wait for the rest: each got its turn. So all of them are complete at once.
    for (let turn = 0; turn < 5 * flood.length; turn++) await nextTurn()
    const readInTurn = countReads()
    for (const { socket } of flood) socket.write(end)
    other.socket.write(clickOf(1))
    await until('the click', () => other.received.includes(' 204 '))
    expect(flood.filter(({ received }) => received !== '').length).to.be.below(5)
    await until('all bulks', () => flood.every(({ received }) => received.includes(' 202 ')))
    expect(readInTurn.filter(reads => reads > 0)).to.deep.equal(Array(flood.length).fill(1))
    expect(server.booked('refusedRequests')).to.equal(0)
  })
})

const { parse } = JSON

/** How many bulks are read in each turn of the event loop from now on. */
function countReads(): number[] {
  const readInTurn = [0]
  JSON.parse = (...args: Parameters<typeof parse>) => {
    readInTurn[readInTurn.length - 1]!++
    return parse(...args)
  }
  const goOn = () => {
    readInTurn.push(0)
    if (JSON.parse !== parse) setImmediate(goOn)
  }
  setImmediate(goOn)
  return readInTurn
}
