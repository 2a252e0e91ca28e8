import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import type { RequestGate } from '../../../lib/http/listener/request-gate.ts'
import { accessOf, newKey, snapshotOf } from '../../support/keys.ts'
import { openConnection, requestText } from '../../support/raw-http.ts'
import { type LaneServer, startLane, until } from '../lane/server.ts'

const KIBIBYTE = 1024
const manager = newKey(['manage'])
const IMPORT = requestText({
  method: 'POST',
  target: '/banners',
  headers: [`Authorization: Bearer ${manager.text}`, 'Content-Type: text/csv', 'Content-Length: 10000000'],
})
const POST = requestText({ method: 'POST', target: '/counter/1', headers: ['Content-Length: 1000'] })
/** Around the end of a time: what this test itself takes. */
const MARGIN_MS = 700

describe('a body that may be long', () => {
  const access = accessOf()
  access.keyring.replace(snapshotOf([manager]))
  let server: LaneServer
  let client: Socket
  let gate: RequestGate
  const note = (message: unknown) => {
    gate = (message as { request: IncomingMessage }).request.socket as unknown as RequestGate
  }
  beforeEach(async () => {
    subscribe('http.server.request.start', note)
    server = await startLane({ access, isHotLaneOn: false })
    client = openConnection(server.port).resume()
  })
  afterEach(async () => {
    unsubscribe('http.server.request.start', note)
    client.destroy()
    await server.stop()
  })

  /** Sends so much, and waits until it has arrived. */
  async function send(text: string): Promise<void> {
    const before = server.sockets[0]?.bytesRead ?? 0
    client.write(text)
    await until('the bytes', () => (server.sockets[0]?.bytesRead ?? 0) >= before + text.length)
  }

  /** Whether the request, which has just begun, has this time and no more. */
  function expectTime(seconds: number): void {
    const nowMs = performance.now()
    expect(gate.isLate(nowMs + seconds * 1000 - MARGIN_MS), `before ${seconds} s`).to.equal(false)
    expect(gate.isLate(nowMs + seconds * 1000 + MARGIN_MS), `after ${seconds} s`).to.equal(true)
  }

  it('has 8 s, and a second more for each 16 KiB that have come', async () => {
    await send(IMPORT)
    await until('the route', () => access.used.length > 0)
    expectTime(8)
    await send('x'.repeat(160 * KIBIBYTE))
    expectTime(18)
    await send('x'.repeat(1600 * KIBIBYTE))
    expectTime(118)
  })

  it('is that of no other request, also of none behind it', async () => {
    await send(POST)
    await send('x'.repeat(500))
    expectTime(8)
    await send('x'.repeat(500))
    await until('the answer', () => server.booked('requests') === 1)
    const short = IMPORT.replace('10000000', '4')
    await send(`${short}none`)
    await until('the refusal', () => server.booked('requests') === 2)
    await send(POST)
    await send('x'.repeat(500))
    expectTime(8)
  })

  it('is not that of who may not send it', async () => {
    await send(IMPORT.replace(manager.text, 'wrong'))
    await send('x'.repeat(160 * KIBIBYTE))
    expectTime(8)
  })
})
