import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { parseAnswers } from './answers.ts'
import { Client } from './client.ts'
import { GET, HEAD } from './corpus/parts.ts'
import { clickOf, connectionCount, type LaneServer, startLane, until } from './server.ts'

/** Not for the lane. */
const OTHER = `${HEAD}\r\n`.replace('GET', 'HEAD')

describe('a connection of the hot lane', () => {
  let server: LaneServer
  const clients: Client[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.drop()
    await server.stop()
  })

  async function connect(): Promise<Client> {
    const client = new Client(server.port, 'client')
    clients.push(client)
    await client.connected
    return client
  }

  async function ask(client: Client, request: string): Promise<void> {
    const before = parseAnswers(client.received).length
    client.send(Buffer.from(request))
    await until('the answer', () => parseAnswers(client.received).length > before)
  }

  it('takes a place, in the hands of Hapi too, and gives it back', async () => {
    // A proxy, which speaks for many, may take them all.
    server = await startLane({ maxConnections: 2, settings: { TRUSTED_PROXIES: '127.0.0.1' } })
    const [inLane, atHapi] = [await connect(), await connect()]
    await ask(inLane, clickOf(1))
    await ask(atHapi, OTHER)
    const dropped = once(server.door, 'drop')
    const tooMany = await connect()
    await dropped
    await tooMany.closed
    expect(tooMany.received).to.equal('')
    for (const leaving of [inLane, atHapi]) {
      leaving.drop()
      await untilConnections(1)
      const next = await connect()
      await ask(next, clickOf(1))
      await untilConnections(2)
    }
  })

  it('is handed over with nothing of the lane left on it', async () => {
    const sides: object[] = []
    for (const isHotLaneOn of [false, true]) {
      server = await startLane({ isHotLaneOn })
      const client = await connect()
      await ask(client, clickOf(1))
      expect(server.requests()).to.equal(isHotLaneOn ? 0 : 1)
      client.send(Buffer.from(GET))
      await until('the piece', () => server.sockets[0]!.bytesRead === clickOf(1).length + GET.length)
      await ask(client, `${HEAD}\r\n`.slice(GET.length))
      await ask(client, OTHER)
      expect(server.requests()).to.equal(isHotLaneOn ? 2 : 3)
      // For whoever takes the connection from the HTTP server it is a stream again.
      const data = once(server.sockets[0]!, 'data')
      client.send(Buffer.from(OTHER))
      expect(String(await data)).to.equal(OTHER)
      expect(server.requests()).to.equal(isHotLaneOn ? 3 : 4)
      sides.push(stateOf(server.sockets[0]!))
      await server.stop()
    }
    expect(sides[1]).to.deep.equal(sides[0])
  })

  it("is served just as well when there is no way past Node's streams, and operators are told", async () => {
    server = await startLane({ isDirect: false })
    const client = await connect()
    for (const bannerId of [1, 2]) await ask(client, clickOf(bannerId))
    expect(server.requests()).to.equal(0)
    await ask(await connect(), clickOf(3))
    // Once for the thread.
    expect(server.failures.map(({ what }) => what)).to.deep.equal([
      'the hot lane does without its direct wire',
    ])
    for (const request of [OTHER, clickOf(1), OTHER]) await ask(client, request)
    expect(server.requests()).to.equal(2)
    expect(parseAnswers(client.received).map(answer => answer.status)).to.deep.equal(
      Array(5).fill('HTTP/1.1 204 No Content'),
    )
  })

  async function untilConnections(count: number): Promise<void> {
    while ((await connectionCount(server.door)) !== count) await nextTurn()
  }
})

/** Its listeners, and when it is idle for too long. */
function stateOf(socket: Socket): object {
  const listeners = socket.eventNames().map(name => [String(name), socket.listenerCount(name)])
  return { timeoutMs: socket.timeout, listeners: Object.fromEntries(listeners) }
}
