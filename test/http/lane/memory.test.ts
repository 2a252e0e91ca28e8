import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import { FactReader } from '../../../lib/http/entrance/facts.ts'
import { Connection } from '../../../lib/http/lane/connection.ts'
import { hotRequestParser } from '../../../lib/http/lane/hot-request.ts'
import { collectGarbage } from '../../support/garbage.ts'
import { openConnection } from '../../support/raw-http.ts'
import { GET } from './corpus/parts.ts'
import { clickOf, HeldRecorder, startLane, until } from './server.ts'

/** What a Connection asks of a socket when it gets it, and nothing that takes memory. */
function socketOfNobody(): Socket {
  return Object.assign(new EventEmitter(), { isPaused: () => false }) as unknown as Socket
}

/** Facts that are parts of their head. */
const VALUES = ['https://shop.example', `Mozilla/5.0 ${'x'.repeat(100)}`, '2001:db8:1:2:3:4:5:6']
const OF_CLIENT = `Origin: ${VALUES[0]}\r\nUser-Agent: ${VALUES[1]}\r\nX-Forwarded-For: ${VALUES[2]}\r\n`

describe('the memory of the hot lane', () => {
  it('holds on to no connection that is gone', async () => {
    const recorder = new HeldRecorder()
    const server = await startLane({ recorder })
    const gone = openConnection(server.port)
    gone.write(clickOf(1))
    await until('the click', () => recorder.clicked.length === 1)
    gone.resetAndDestroy()
    await until('the server to know', () => server.sockets[0]!.destroyed)
    recorder.nextTick().resolve()
    const socket = new WeakRef(server.sockets.pop()!)
    await until('it is collected', () => {
      collectGarbage()
      return socket.deref() === undefined
    })
    await server.stop()
  })

  it('holds a known head, and not the piece that it came in', () => {
    const listeners = { take: () => {}, goOn: () => {}, drop: () => {} }
    const parse = hotRequestParser(new FactReader(['user-agent', 'x-forwarded-for']))
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    // Each has a head of its own: of equal ones, the lane holds one.
    const connections = Array.from({ length: 200 }, (_, nth) => {
      const connection = new Connection(socketOfNobody(), listeners)
      const text = `${GET}Host: ${nth}\r\n${OF_CLIENT}\r\n`.repeat(200)
      const piece = Buffer.from(text).toString('latin1')
      connection.remember(parse(piece, 0, null)!.head)
      return connection
    })
    collectGarbage()
    const bytes = process.memoryUsage().heapUsed - before
    const { text, facts } = connections[0]!.knownHead!
    expect(text).to.equal(`Host: 0\r\n${OF_CLIENT}\r\n`)
    expect(Object.values(facts)).to.include.members(VALUES)
    expect(bytes / connections.length).to.be.below(4096)
  })

  it('holds what it needs of a request whose body is arriving, and not the piece that it came in', () => {
    const head = 'POST /counter/1 HTTP/1.1\r\nHost: counter\r\nOrigin: https://shop.example\r\n'
    const text = `${head}Content-Length: 65536\r\n\r\n${'x'.repeat(50_000)}`
    const listeners = { take: () => {}, goOn: () => {}, drop: () => {} }
    const parse = hotRequestParser(new FactReader([]))
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    const connections = Array.from({ length: 200 }, () => {
      const connection = new Connection(socketOfNobody(), listeners)
      const { line, head } = parse(Buffer.from(text).toString('latin1'), 0, null)!
      connection.awaitBody(line, connection.remember(head), 15_536)
      return connection
    })
    collectGarbage()
    const bytes = process.memoryUsage().heapUsed - before
    expect(connections[0]!.arriving?.facts.origin).to.equal('https://shop.example')
    expect(bytes / connections.length).to.be.below(4096)
  })
})
