import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { expect } from 'chai'
import { MOST_UNANSWERED } from '../../../lib/http/listener/limits.ts'
import { openConnection, requestText } from '../../support/raw-http.ts'
import { parseAnswers } from '../lane/answers.ts'
import { Client } from '../lane/client.ts'
import { clickOf, HeldRecorder, type LaneServer, startLane, until } from '../lane/server.ts'

/** Their answers, behind one that is waited for, are more than a connection holds; and they come in several pieces. */
const MISTAKES = 4000
const MISTAKE = requestText({ target: '/counter/0' })

describe('a connection in the hands of the HTTP server', () => {
  let recorder: HeldRecorder
  let server: LaneServer
  beforeEach(async () => {
    recorder = new HeldRecorder()
    server = await startLane({ recorder, isHotLaneOn: false })
  })
  afterEach(() => server.stop())

  it('is read on where it was left when answers had piled up', async () => {
    const client = openConnection(server.port).resume()
    client.write(clickOf(1) + MISTAKE.repeat(MISTAKES))
    await until('the pause', () => server.sockets[0]?.isPaused() ?? false)
    expect(server.requests()).to.be.below(MISTAKES)
    recorder.nextTick().resolve()
    await until('all answers', () => server.booked('requests') === MISTAKES + 1)
    expect(server.requests()).to.equal(MISTAKES + 1)
    client.destroy()
  })

  it('has so many requests in hand and no more', async () => {
    const client = openConnection(server.port).resume()
    client.write(clickOf(1).repeat(2 * MOST_UNANSWERED + 1))
    for (let nth = 1; nth <= 2; nth++) {
      await until('the pause', () => server.sockets[0]?.isPaused() ?? false)
      expect(server.requests()).to.equal(nth * MOST_UNANSWERED)
      recorder.nextTick().resolve()
      await until('the answers', () => server.booked('requests') === nth * MOST_UNANSWERED)
    }
    await until('the last one', () => server.requests() === 2 * MOST_UNANSWERED + 1)
    client.destroy()
  })

  it('reads the body of the last one that it takes in hand', async () => {
    const client = openConnection(server.port).resume()
    const post = requestText({ method: 'POST', headers: ['Content-Length: 3'], body: 'abc' })
    client.write(clickOf(1).repeat(MOST_UNANSWERED - 1) + post)
    await until('the click', () => recorder.clicked.length === MOST_UNANSWERED)
    client.destroy()
  })

  it('says who its client is, for Hapi', async () => {
    const addresses: unknown[] = []
    const note = (message: unknown) => {
      const { request } = message as { request: IncomingMessage }
      addresses.push([request.socket.remoteAddress, request.socket.remotePort])
    }
    subscribe('http.server.request.start', note)
    const client = openConnection(server.port).resume()
    client.write(MISTAKE)
    await until('the answer', () => server.booked('requests') === 1)
    unsubscribe('http.server.request.start', note)
    expect(addresses).to.deep.equal([['127.0.0.1', client.localPort]])
    client.destroy()
  })

  it('is not told of the end of its client before the last answer, and of half a request at once', async () => {
    const [whole, half] = [new Client(server.port, 'whole'), new Client(server.port, 'half')]
    whole.send(Buffer.from(clickOf(1) + clickOf(1)))
    whole.end()
    half.send(Buffer.from(clickOf(1).slice(0, -2)))
    half.end()
    await half.closed
    expect(parseAnswers(half.received).map(({ status }) => status)).to.deep.equal([
      'HTTP/1.1 400 Bad Request',
    ])
    await until('both clicks', () => recorder.clicked.length === 2)
    expect(whole.fate).to.equal('open')
    recorder.nextTick().resolve()
    await whole.closed
    expect([whole.fate, parseAnswers(whole.received).length]).to.deep.equal(['ended', 2])
  })

  it('answers what came before a mistake when its client ends its half behind that', async () => {
    const client = new Client(server.port, 'client')
    client.send(Buffer.from(`${clickOf(1)}mistake\r\n\r\n`))
    client.end()
    await until('the end', () => server.sockets[0]?.readableEnded ?? false)
    recorder.nextTick().resolve()
    await client.closed
    expect(parseAnswers(client.received).map(({ status }) => status)).to.deep.equal([
      'HTTP/1.1 204 No Content',
      'HTTP/1.1 400 Bad Request',
    ])
  })
})
