import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { TestBanners } from '../../support/banners.ts'
import { parseAnswers } from './answers.ts'
import { Client } from './client.ts'
import { CLICK, HOST } from './corpus/parts.ts'
import { deafen, hasAnswer, wrongRequest } from './deaf.ts'
import {
  clickOf,
  connectionCount,
  HeldRecorder,
  handleOf,
  holdsAnswers,
  type LaneOptions,
  type LaneServer,
  startLane,
  until,
} from './server.ts'

const PAGE = `GET /health/live HTTP/1.1\r\n${HOST}\r\n`
const LONG_PAGE = `GET /documentation/swagger-ui-bundle.js HTTP/1.1\r\n${HOST}\r\n`
const MOST_AHEAD_BYTES = 2 * 64 * 1024
/** What one tick of a connection may answer, and far less than all that was sent. */
const MOST_HELD_BYTES = 2 ** 20

for (const isDirect of [true, false])
  describe(`a client that does not read its answers, on a ${isDirect ? 'direct wire' : "wire by Node's stream"}`, () => {
    let server: LaneServer
    let client: Client
    afterEach(async () => {
      client.drop()
      await server.stop()
    })

    async function start(options: LaneOptions = {}): Promise<void> {
      server = await startLane({ isDirect, ...options })
      client = new Client(server.port, 'client')
      await client.connected
      await until('the connection', () => server.sockets.length === 1)
    }

    /** To parse all at every turn would take seconds. */
    const recently = () => client.received.slice(-1000)
    const answers = () => parseAnswers(client.received)
    const statuses = () => answers().map(({ status }) => Number(status.split(' ')[1]))

    it('is not read meanwhile', async () => {
      await start()
      const [socket] = server.sockets
      // While refusals wait, nothing is read anyway.
      await deafen(client, socket!, () => CLICK)
      const { bytesRead } = socket!
      for (let more = 0; more < 5000; more++) client.send(Buffer.from(CLICK))
      for (let turn = 0; turn < 100; turn++) await nextTurn()
      // Node's stream reads ahead.
      expect(socket!.bytesRead - bytesRead).to.be.at.most(isDirect ? 0 : MOST_AHEAD_BYTES)
      expect(handleOf(socket!).writeQueueSize + socket!.writableLength).to.be.below(MOST_HELD_BYTES)
    })

    it('gets all answers in their order once it reads', async () => {
      await start()
      let requests = await deafen(client, server.sockets[0]!)
      for (let more = 0; more < 5000; more++) client.send(Buffer.from(wrongRequest(requests++)))
      client.readOn()
      await until('all answers', () => hasAnswer(client, requests - 1))
      const named = answers().map(({ body }) => Number(/\/deaf\/(\d+)/.exec(body)![1]))
      expect(named).to.deep.equal(Array.from({ length: requests }, (_, nth) => nth))
      expect(server.booked('responses4xx')).to.equal(requests)
    })

    it('finds its page behind them, and its next click in the lane again', async () => {
      await start()
      const requests = await deafen(client, server.sockets[0]!)
      client.send(Buffer.from(PAGE))
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      expect(server.requests()).to.equal(0)
      client.readOn()
      await until('the page', () => recently().includes('HTTP/1.1 200 OK'))
      client.send(Buffer.from(clickOf(1)))
      await until('the click', () => recently().includes('HTTP/1.1 204'))
      expect(statuses()).to.have.lengthOf(requests + 2)
      expect(statuses().slice(-3)).to.deep.equal([404, 200, 204])
      expect(server.requests()).to.equal(1)
    })

    it('finds the answer to its click behind long pages', async () => {
      await start()
      const [socket] = server.sockets
      client.stopReading()
      for (let pages = 0; !holdsAnswers(socket!); pages++) {
        expect(pages).to.be.below(20)
        client.send(Buffer.from(LONG_PAGE))
        await until('the request', () => server.requests() === pages + 1)
        for (let turn = 0; turn < 20; turn++) await nextTurn()
      }
      const pages = server.requests()
      client.send(Buffer.from(clickOf(1)))
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      client.readOn()
      await until('the click', () => recently().includes('HTTP/1.1 204'))
      expect(statuses()).to.deep.equal([...Array(pages).fill(200), 204])
    })

    it('gets all of them before the end when it has closed its half', async () => {
      await start()
      const requests = await deafen(client, server.sockets[0]!)
      client.end()
      client.readOn()
      await client.closed
      expect([client.fate, statuses().length]).to.deep.equal(['ended', requests])
    })

    it('is let go of when it goes away, and nobody else notices', async () => {
      await start()
      const [socket] = server.sockets
      await deafen(client, socket!)
      client.drop()
      await until('the server to know', () => socket!.destroyed)
      await until('the place', () => socket!.closed)
      expect(await connectionCount(server.door)).to.equal(0)
      expect(server.failures.length).to.equal(isDirect ? 0 : 1)
    })

    it('has gone away when its answer is written, and is let go of then', async () => {
      const recorder = new HeldRecorder()
      await start({ recorder })
      const outcomes: PromiseWithResolvers<void>[] = []
      // Of two ticks: now the connection is not read, and so nobody sees that its client goes.
      for (const bannerId of [1, 2]) {
        client.send(Buffer.from(clickOf(bannerId)))
        await until('the click', () => recorder.clicked.length === bannerId)
        outcomes.push(recorder.nextTick())
      }
      const [socket] = server.sockets
      client.reset()
      for (let turn = 0; turn < 100; turn++) await nextTurn()
      // Node's stream reads ahead, and so has seen it.
      expect(socket!.destroyed).to.equal(!isDirect)
      for (const { resolve } of outcomes) resolve()
      await until('the server to know', () => socket!.destroyed && socket!.closed)
      expect(await connectionCount(server.door)).to.equal(0)
      client = new Client(server.port, 'another client')
      client.send(Buffer.from(clickOf(3)))
      await until('the third click', () => recorder.clicked.length === 3)
      recorder.nextTick().resolve()
      await until('its answer', () => statuses().length === 1)
      expect(holdsAnswers(server.sockets[1]!)).to.equal(false)
    })

    it('has few long answers at a time, and all of them in the end', async () => {
      const recorder = new HeldRecorder()
      const target = `https://shop.example/{ts}/${'a'.repeat(2000)}`
      await start({ recorder, banners: new TestBanners().put(1, { target }).forThread() })
      const follow = `GET /click/1 HTTP/1.1\r\n${HOST}\r\n`
      const requests = Math.floor(64_000 / follow.length)
      client.send(Buffer.from(follow.repeat(requests)))
      await until('the first ones', () => recorder.clicked.length > 0)
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      expect(recorder.clicked.length * target.length).to.be.below(MOST_HELD_BYTES)
      while (server.booked('responses3xx') < requests) {
        recorder.nextTick().resolve()
        await nextTurn()
      }
      expect(recorder.clicked.length).to.equal(requests)
      await until('all answers', () => client.received.match(/ 302 /g)?.length === requests)
    })
  })
