import { mock } from 'node:test'
import { expect } from 'chai'
import { collectGarbage } from '../../support/garbage.ts'
import { parseAnswers } from '../lane/answers.ts'
import { Client } from '../lane/client.ts'
import { clickOf, HeldRecorder, type LaneServer, startLane, until } from '../lane/server.ts'

describe('a connection of the HTTP server', () => {
  let recorder: HeldRecorder
  let server: LaneServer
  let client: Client

  beforeEach(async () => {
    recorder = new HeldRecorder()
    server = await startLane({ recorder, isHotLaneOn: false })
    client = new Client(server.port, 'client')
    await client.connected
    await until('the connection', () => server.sockets.length === 1)
  })
  afterEach(async () => {
    mock.timers.reset()
    client.drop()
    await server.stop()
  })

  async function ask(): Promise<void> {
    const before = recorder.clicked.length
    client.send(Buffer.from(clickOf(1)))
    await until('the click', () => recorder.clicked.length > before)
  }

  async function answer(): Promise<void> {
    const before = parseAnswers(client.received).length
    recorder.nextTick().resolve()
    await until('the answer', () => parseAnswers(client.received).length > before)
  }

  it('has 30 s for each answer, and 65 s to ask again, and 1 s for the way', async () => {
    for (let request = 0; request < 3; request++) {
      await ask()
      expect(server.sockets[0]!.timeout).to.equal(30_000)
      await answer()
      expect(server.sockets[0]!.timeout).to.equal(66_000)
    }
  })

  it('is cut when its time is over', async () => {
    await ask()
    await answer()
    server.sockets[0]!.emit('timeout')
    await client.closed
    expect(client.fate).to.equal('ended')
  })

  it('has 30 s for the answers before a CONNECT, after which Node sets no timer', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    client.send(Buffer.from(`${clickOf(1)}CONNECT counter:80 HTTP/1.1\r\nHost: counter:80\r\n\r\n`))
    await until('the click', () => recorder.clicked.length === 1)
    await until('the handing over', () => server.sockets[0]!.bytesRead > clickOf(1).length)
    mock.timers.tick(29_999)
    expect(server.sockets[0]!.destroyed).to.equal(false)
    mock.timers.tick(1)
    expect(server.sockets[0]!.destroyed).to.equal(true)
    await client.closed
  })

  it('is forgotten when it is closed', async () => {
    await ask()
    await answer()
    await isForgotten()
  })

  it('is forgotten when it is closed behind a CONNECT', async () => {
    client.send(Buffer.from('CONNECT counter:80 HTTP/1.1\r\nHost: counter:80\r\n\r\n'))
    await client.closed
    await isForgotten()
  })

  async function isForgotten(): Promise<void> {
    client.drop()
    await until('the server to know', () => server.sockets[0]!.destroyed)
    const socket = new WeakRef(server.sockets.pop()!)
    await until('it is collected', () => {
      collectGarbage()
      return socket.deref() === undefined
    })
  }
})
