import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { expect } from 'chai'
import { collectGarbage } from '../../support/garbage.ts'
import { parseAnswers } from './answers.ts'
import { Client } from './client.ts'
import { CLICK, HOST, LAST_CHUNK, POST } from './corpus/parts.ts'
import {
  clickOf,
  connectionCount,
  HeldRecorder,
  type LaneOptions,
  type LaneServer,
  startLane,
  until,
} from './server.ts'

const PAGE = `GET /health/live HTTP/1.1\r\n${HOST}\r\n`
/** A click that is for Hapi. */
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n${LAST_CHUNK}`
const ALTERNATIONS = 1000
const LONG_FIELD = `A: ${'a'.repeat(30_000)}\r\n`

describe('a connection that the HTTP server has had', () => {
  let server: LaneServer
  let client: Client
  afterEach(async () => {
    client.drop()
    await server.stop()
  })

  async function start(options: LaneOptions = {}): Promise<void> {
    server = await startLane(options)
    client = new Client(server.port, 'client')
    await client.connected
    await until('the connection', () => server.sockets.length === 1)
  }

  async function ask(request: string): Promise<void> {
    client.received = ''
    client.send(Buffer.from(request))
    await until('the answer', () => client.received !== '')
  }

  const statuses = () => parseAnswers(client.received).map(({ status }) => Number(status.split(' ')[1]))

  it('is in the lane again with its next click, as often as it likes', async () => {
    await start()
    for (const pages of [1, 2, 3]) {
      await ask(PAGE)
      expect(statuses()).to.deep.equal([200])
      for (const bannerId of [1, 2]) await ask(clickOf(bannerId))
      expect(statuses()).to.deep.equal([204])
      expect(server.requests()).to.equal(pages)
    }
    expect(server.booked('requests')).to.equal(9)
  })

  it('leaves nothing behind, however often it goes and comes', async () => {
    await start()
    const gates: WeakRef<object>[] = []
    const note = (message: unknown) => {
      gates.push(new WeakRef((message as { request: IncomingMessage }).request.socket))
    }
    subscribe('http.server.request.start', note)
    await ask(CLICK)
    const before = stateOf(server)
    const alternate = async () => {
      for (let nth = 0; nth < ALTERNATIONS; nth++) for (const request of [PAGE, CLICK]) await ask(request)
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    const heapBytes = await alternate()
    expect((await alternate()) - heapBytes).to.be.below(ALTERNATIONS * 200)
    unsubscribe('http.server.request.start', note)
    expect(gates).to.have.lengthOf(2 * ALTERNATIONS)
    expect(stateOf(server)).to.deep.equal(before)
    await until('all gates are collected', () => {
      collectGarbage()
      return gates.every(gate => gate.deref() === undefined)
    })
  })

  it('stays there while a request is unanswered, and comes back behind it', async () => {
    const recorder = new HeldRecorder()
    await start({ recorder })
    client.send(Buffer.from(CHUNKED))
    await until('the first click', () => recorder.clicked.length === 1)
    client.send(Buffer.from(clickOf(2)))
    await until('the second click', () => recorder.clicked.length === 2)
    expect(server.requests()).to.equal(2)
    recorder.nextTick().resolve()
    await until('both answers', () => statuses().length === 2)
    client.send(Buffer.from(clickOf(3)))
    await until('the third click', () => recorder.clicked.length === 3)
    recorder.nextTick().resolve()
    await until('its answer', () => statuses().length === 3)
    expect(server.requests()).to.equal(2)
    expect(recorder.clicked.slice(1)).to.deep.equal([2, 3])
  })

  it('stays there while pieces wait behind the click that could bring it back', async () => {
    const recorder = new HeldRecorder()
    await start({ recorder })
    await ask(PAGE)
    const [socket] = server.sockets
    let sentBytes = PAGE.length
    const send = async (text: string) => {
      client.send(Buffer.from(text))
      sentBytes += text.length
      await until('the piece', () => socket!.bytesRead === sentBytes)
    }
    // The connection may end with the first answer, so the rest waits.
    const first = clickOf(1).replace('1.1\r\n', '1.0\r\nConnection: keep-alive\r\n')
    await send(`${first}${clickOf(2)}GET /counter/0 HTTP/1.1\r\n${HOST}\r\n`)
    // More than a socket reads ahead, so that the last click waits in the kernel.
    for (const bannerId of [3, 4, 5]) await send(clickOf(bannerId).replace('Host', `${LONG_FIELD}Host`))
    client.send(Buffer.from(clickOf(6)))
    for (const clicks of [1, 3, 6]) {
      await until('the clicks', () => recorder.clicked.length >= clicks)
      recorder.nextTick().resolve()
    }
    expect(recorder.clicked).to.deep.equal([1, 2, 3, 4, 5, 6])
  })

  it('stays there within a body, whatever the body looks like', async () => {
    await start()
    client.send(Buffer.from(`${POST}Expect: 100-continue\r\nContent-Length: ${2 * CLICK.length}\r\n\r\n`))
    await until('the going on', () => client.received !== '')
    for (const piece of [1, 2]) {
      client.send(Buffer.from(CLICK))
      await until('the piece', () => server.sockets[0]!.bytesRead >= POST.length + piece * CLICK.length)
    }
    await until('the answer', () => statuses().length === 2)
    expect(statuses()).to.deep.equal([100, 204])
    expect(server.booked('requests')).to.equal(1)
  })

  it('stays there with a click that comes in two pieces, and comes back with the next', async () => {
    await start()
    await ask(PAGE)
    client.send(Buffer.from(CLICK.slice(0, 20)))
    await until('the piece', () => server.sockets[0]!.bytesRead === PAGE.length + 20)
    await ask(CLICK.slice(20))
    expect(server.requests()).to.equal(2)
    await ask(CLICK)
    expect(server.requests()).to.equal(2)
  })

  it('brings no click behind an answer that ends it', async () => {
    const recorder = new HeldRecorder()
    await start({ recorder })
    client.send(Buffer.from(`${POST}Connection: close\r\nContent-Length: 0\r\n\r\n`))
    await until('the first click', () => recorder.clicked.length === 1)
    const [socket] = server.sockets
    client.send(Buffer.from(CLICK))
    await until('the second click', () => socket!.bytesRead > POST.length + CLICK.length)
    recorder.nextTick().resolve()
    await until('the end', () => socket!.writableEnded)
    socket!.emit('data', Buffer.from(CLICK))
    await client.closed
    expect(statuses()).to.deep.equal([204])
    expect(recorder.clicked).to.have.lengthOf(1)
  })

  it('has its answer when its client closes its half right behind the click that brings it back', async () => {
    await start()
    await ask(PAGE)
    client.received = ''
    client.send(Buffer.from(CLICK))
    client.end()
    await client.closed
    expect([client.fate, ...statuses()]).to.deep.equal(['ended', 204])
    expect(server.requests()).to.equal(1)
  })

  it('has its click counted once when its client resets it right behind that', async () => {
    const recorder = new HeldRecorder()
    await start({ recorder })
    await ask(PAGE)
    client.send(Buffer.from(clickOf(1)))
    await until('the click', () => recorder.clicked.length === 1)
    client.drop()
    await until('the server to know', () => server.sockets[0]!.readableEnded)
    recorder.nextTick().resolve()
    await until('the end', () => server.sockets[0]!.destroyed)
    expect(recorder.clicked).to.deep.equal([1])
    expect(server.failures).to.deep.equal([])
    expect(await connectionCount(server.door)).to.equal(0)
  })

  for (const [where, requests] of [
    ['back in the lane', [PAGE, CLICK]],
    ['not back yet', [PAGE]],
  ] as const) {
    it(`is told with its next answer when the service stops, ${where}`, async () => {
      await start()
      for (const request of requests) await ask(request)
      const stopped = server.stop(60_000)
      await until('the closing', () => !server.door.listening)
      await ask(CLICK)
      await Promise.all([stopped, client.closed])
      expect([client.fate, ...statuses()]).to.deep.equal(['ended', 204])
      expect(client.received).to.include('Connection: close')
      expect(server.requests()).to.equal(1)
    })

    it(`ends when it stays idle while the service stops, ${where}`, async () => {
      await start()
      for (const request of requests) await ask(request)
      client.received = ''
      await Promise.all([server.stop(400), client.closed])
      expect([client.fate, client.received]).to.deep.equal(['ended', ''])
    })
  }

  it('brings a click that had to wait, and ends with its answer, when idle ones have ended already', async () => {
    const recorder = new HeldRecorder()
    await start({ recorder })
    // The click waits unread: the connection may end with the answer before it.
    client.send(Buffer.from(clickOf(1).replace('1.1\r\n', '1.0\r\nConnection: keep-alive\r\n') + clickOf(2)))
    await until('the first click', () => recorder.clicked.length === 1)
    const stopped = server.stop(400)
    await new Promise(resolve => setTimeout(resolve, 250))
    recorder.nextTick().resolve()
    await until('the second click', () => recorder.clicked.length === 2)
    recorder.nextTick().resolve()
    await Promise.all([stopped, client.closed])
    expect([client.fate, ...statuses()]).to.deep.equal(['ended', 204, 204])
    expect(server.requests()).to.equal(1)
  })
})

/** What is on the connection, and how many handles and timers keep the process. */
function stateOf({ sockets: [socket] }: LaneServer): object {
  const listeners = socket!.eventNames().map(name => [String(name), socket!.listenerCount(name)])
  const resources = process.getActiveResourcesInfo()
  return {
    listeners: Object.fromEntries(listeners),
    timeoutMs: socket!.timeout ?? 0,
    resources: resources.sort(),
  }
}
