import { Socket } from 'node:net'
import { mock } from 'node:test'
import { expect } from 'chai'
import { collectGarbage } from '../../support/garbage.ts'
import { parseAnswers } from '../lane/answers.ts'
import { Client } from '../lane/client.ts'
import { clickOf, HeldRecorder, type LaneServer, startLane, until } from '../lane/server.ts'

describe('a connection of the HTTP server', () => {
  const setTimeout = Socket.prototype.setTimeout
  let recorder: HeldRecorder
  let server: LaneServer
  let client: Client
  /** Of the server's side, as Node itself would set them. */
  let timeoutsMs: number[]

  beforeEach(async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    recorder = new HeldRecorder()
    server = await startLane({ recorder, isHotLaneOn: false })
    timeoutsMs = []
    mock.method(Socket.prototype, 'setTimeout', function (this: Socket, timeoutMs: number) {
      if (this === server.sockets[0]) timeoutsMs.push(timeoutMs)
      return setTimeout.call(this, timeoutMs)
    })
    client = new Client(server.port, 'client')
    await client.connected
  })
  afterEach(async () => {
    mock.timers.reset()
    mock.restoreAll()
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

  function sweep(): void {
    mock.timers.tick(1000)
  }

  it('sets no timer while its requests follow one another', async () => {
    for (let request = 0; request < 5; request++) {
      await ask()
      await answer()
      sweep()
    }
    expect(timeoutsMs).to.deep.equal([])
  })

  it('has 65 s to ask again, and 1 s for the way, once it has been idle for a while', async () => {
    await ask()
    await answer()
    sweep()
    expect(timeoutsMs).to.deep.equal([])
    sweep()
    expect(timeoutsMs).to.deep.equal([66_000])
    sweep()
    await ask()
    expect(timeoutsMs).to.deep.equal([66_000, 0])
  })

  it('has 30 s for an answer that does not come at once, from its first request on', async () => {
    await ask()
    sweep()
    sweep()
    expect(timeoutsMs).to.deep.equal([30_000])
    await answer()
    sweep()
    sweep()
    expect(timeoutsMs).to.deep.equal([30_000, 0, 66_000])
  })

  it('is cut when its time is over', async () => {
    server.listener.keepAliveTimeout = 10
    server.listener.keepAliveTimeoutBuffer = 0
    await ask()
    await answer()
    sweep()
    sweep()
    await client.closed
    expect(client.fate).to.equal('ended')
  })

  it('has 30 s for the answers before a CONNECT, after which Node sets no timer', async () => {
    mock.timers.reset()
    mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
    let isHandedOver = false
    server.listener.on('connect', () => {
      isHandedOver = true
    })
    client.send(Buffer.from(`${clickOf(1)}CONNECT counter:80 HTTP/1.1\r\nHost: counter:80\r\n\r\n`))
    await until('the click', () => recorder.clicked.length === 1)
    await until('the handing over', () => isHandedOver)
    mock.timers.tick(29_999)
    expect(server.sockets[0]!.destroyed).to.equal(false)
    mock.timers.tick(1)
    expect(server.sockets[0]!.destroyed).to.equal(true)
    await client.closed
  })

  it('is forgotten when it is closed', async () => {
    await ask()
    await answer()
    client.drop()
    await until('the server to know', () => server.sockets[0]!.destroyed)
    const socket = new WeakRef(server.sockets.pop()!)
    await until('it is collected', () => {
      collectGarbage()
      return socket.deref() === undefined
    })
  })
})
