import { mock } from 'node:test'
import { expect } from 'chai'
import { parseAnswers } from './answers.ts'
import { Client } from './client.ts'
import { CLICK, HOST, POST } from './corpus/parts.ts'
import { deafen, hasAnswer, wrongRequest } from './deaf.ts'
import { clickOf, HeldRecorder, handleOf, type LaneServer, startLane, until } from './server.ts'

const PAGE = `GET /health/live HTTP/1.1\r\n${HOST}\r\n`

describe('a connection of the hot lane', () => {
  let server: LaneServer
  let client: Client
  let nowMs: number
  beforeEach(() => {
    nowMs = 0
    mock.timers.enable({ apis: ['setInterval'] })
    mock.method(performance, 'now', () => nowMs)
  })
  afterEach(async () => {
    mock.timers.reset()
    mock.restoreAll()
    client.drop()
    await server.stop()
  })

  async function connect(): Promise<Client> {
    const count = server.sockets.length
    client = new Client(server.port, 'client')
    await client.connected
    await until('the connection', () => server.sockets.length === count + 1)
    return client
  }

  function advance(ms: number): void {
    nowMs += ms
    mock.timers.tick(ms)
  }

  for (const isHotLaneOn of [true, false])
    for (const [sent, what, answers] of [
      ['', 'no answer when it has brought nothing', []],
      ['\r\n', '408 when it has brought an empty line', ['HTTP/1.1 408 Request Time-out']],
    ] as const)
      it(`gets ${what} for 5 s, ${isHotLaneOn ? 'in the lane' : 'and without the lane'}`, async () => {
        server = await startLane({ isHotLaneOn })
        await connect()
        client.send(Buffer.from(sent))
        await until('all of it', () => server.sockets[0]!.bytesRead === sent.length)
        advance(5000)
        expect(server.sockets[0]!.writable).to.equal(true)
        advance(1000)
        await client.closed
        expect(client.fate).to.equal('ended')
        expect(parseAnswers(client.received).map(({ status }) => status)).to.deep.equal(answers)
        expect(server.booked('responses4xx')).to.equal(answers.length)
      })

  for (const isHotLaneOn of [true, false])
    it(`has 8 s for a body that dribbles, ${isHotLaneOn ? 'in the lane' : 'and without the lane'}`, async () => {
      const recorder = new HeldRecorder()
      server = await startLane({ recorder, isHotLaneOn })
      await connect()
      let sent = 'POST /counter/1 HTTP/1.1\r\nHost: counter\r\nContent-Length: 100\r\n\r\n'
      client.send(Buffer.from(sent))
      for (let second = 0; second < 8; second++) {
        await until('all before', () => server.sockets[0]!.bytesRead === sent.length)
        sent += 'a'
        client.send(Buffer.from('a'))
        advance(1000)
      }
      expect(server.sockets[0]!.writable).to.equal(true)
      advance(1000)
      await client.closed
      expect(client.fate).to.equal('ended')
      expect(parseAnswers(client.received)).to.deep.equal([
        {
          status: 'HTTP/1.1 408 Request Time-out',
          headers: [
            ...['cache-control: no-cache', 'connection: close', 'content-length: 92'],
            ...['content-type: application/json; charset=utf-8', 'date: …'],
          ],
          body: '{"statusCode":408,"error":"Request Time-out","message":"the request did not arrive in time"}',
        },
      ])
      expect([server.booked('requests'), server.booked('responses4xx')]).to.deep.equal([1, 1])
      expect(recorder.clicked).to.deep.equal([])
    })

  it('ends when it has been idle for 65 s after its last answer', async () => {
    server = await startLane()
    await connect()
    for (const clicks of [1, 2]) {
      advance(4000)
      client.send(Buffer.from(clickOf(1)))
      await until('the answer', () => parseAnswers(client.received).length === clicks)
    }
    advance(65_000)
    expect(server.sockets[0]!.destroyed).to.equal(false)
    advance(1000)
    await client.closed
    expect(client.fate).to.equal('ended')
    expect(parseAnswers(client.received)).to.have.lengthOf(2)
  })

  it('has 30 s from a click to its answer, however long it was idle before', async () => {
    const recorder = new HeldRecorder()
    server = await startLane({ recorder })
    await connect()
    client.send(Buffer.from(clickOf(1)))
    await until('the click', () => recorder.clicked.length === 1)
    recorder.nextTick().resolve()
    await until('the answer', () => client.received !== '')
    advance(60_000)
    client.send(Buffer.from(clickOf(2)))
    await until('the click', () => recorder.clicked.length === 2)
    advance(30_000)
    expect(server.sockets[0]!.destroyed).to.equal(false)
    advance(1000)
    await client.closed
    expect(parseAnswers(client.received)).to.have.lengthOf(1)
  })

  it('is cut after 30 s in which it has read nothing, and holds no more than a few pieces until then', async () => {
    server = await startLane()
    const deaf = await connect()
    const [socket] = server.sockets
    await deafen(deaf, socket!)
    expect(socket!.isPaused()).to.equal(true)
    await connect()
    for (let clicks = 1; clicks <= 10; clicks++) {
      client.send(Buffer.from(clickOf(2)))
      await until('another is served', () => parseAnswers(client.received).length === clicks)
    }
    expect(handleOf(socket!).writeQueueSize).to.be.within(1, 2 ** 20)
    advance(30_000)
    expect(socket!.destroyed).to.equal(false)
    advance(1000)
    expect(socket!.destroyed).to.equal(true)
    expect(server.sockets[1]!.destroyed).to.equal(false)
    deaf.drop()
  })

  it('goes on where it was when its client reads again', async () => {
    server = await startLane()
    await connect()
    const requests = await deafen(client, server.sockets[0]!)
    advance(20_000)
    client.readOn()
    await until('all answers', () => hasAnswer(client, requests - 1))
    client.send(Buffer.from(wrongRequest(requests)))
    await until('another', () => hasAnswer(client, requests))
    expect(parseAnswers(client.received)).to.have.lengthOf(requests + 1)
    expect(server.requests()).to.equal(0)
  })

  it('that the HTTP server has had has 65 s after its last answer', async () => {
    server = await startLane()
    await connect()
    for (const [answers, request] of [PAGE, CLICK].entries()) {
      client.send(Buffer.from(request))
      await until('the answer', () => parseAnswers(client.received).length > answers)
    }
    // None of the HTTP server's is left.
    expect(server.sockets[0]!.timeout).to.equal(0)
    advance(65_000)
    expect(server.sockets[0]!.destroyed).to.equal(false)
    advance(1000)
    await client.closed
    expect(client.fate).to.equal('ended')
    expect(parseAnswers(client.received)).to.have.lengthOf(2)
  })

  it('gains no time for a request by a body that looks like clicks', async () => {
    server = await startLane()
    await connect()
    client.send(Buffer.from(PAGE))
    await until('the answer', () => client.received !== '')
    let sent = `${POST}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n`
    client.send(Buffer.from(sent))
    await until('the going on', () => parseAnswers(client.received).length === 2)
    for (; nowMs < 8000; advance(2000)) {
      client.send(Buffer.from(CLICK))
      sent += CLICK
      await until('the piece', () => server.sockets[0]!.bytesRead === PAGE.length + sent.length)
    }
    advance(1000)
    await client.closed
    expect(parseAnswers(client.received).at(-1)!.status).to.equal('HTTP/1.1 408 Request Time-out')
    expect(server.booked('responses2xx')).to.equal(1)
  })
})
