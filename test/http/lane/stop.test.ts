import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { type Answer, parseAnswers } from './answers.ts'
import { Client } from './client.ts'
import { GET, HOST } from './corpus/parts.ts'
import { deafen, wrongRequest } from './deaf.ts'
import { clickOf, HeldRecorder, type LaneServer, startLane, until } from './server.ts'

/** A click that is for Hapi: its body is chunked. */
const CHUNKED = `POST /counter/2 HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`
/** Longer than any of these tests. */
const GRACE_MS = 60_000
/** For what ends after half of it. */
const SHORT_GRACE_MS = 400

describe('stopping the hot lane', () => {
  let recorder: HeldRecorder
  let server: LaneServer
  const clients: Client[] = []
  beforeEach(async () => {
    recorder = new HeldRecorder()
    server = await startLane({ recorder })
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.drop()
    await server.stop()
  })

  async function connect(): Promise<Client> {
    const client = new Client(server.port, 'client')
    clients.push(client)
    await client.connected
    await until('the connection', () => server.sockets.length === clients.length)
    return client
  }

  /** Begins to stop; resolves when no connection is accepted any more. */
  async function closeListener(graceMs: number): Promise<{ stopped: Promise<void> }> {
    const stopped = server.stop(graceMs)
    await until('the closing', () => !server.door.listening)
    return { stopped }
  }

  async function clickAndHold(client: Client, text: string): Promise<PromiseWithResolvers<void>> {
    const before = recorder.clicked.length
    client.send(Buffer.from(text))
    await until('the click', () => recorder.clicked.length > before)
    return recorder.nextTick()
  }

  for (const [where, text] of [
    ['in the lane', clickOf(1)],
    ['in the hands of Hapi', CHUNKED],
  ] as const)
    it(`tells idle connections ${where} with their next answer, those that have never asked too`, async () => {
      const clients = [await connect(), await connect()]
      const { resolve } = await clickAndHold(clients[1]!, text)
      resolve()
      await until('the answer', () => clients[1]!.received !== '')
      const { stopped } = await closeListener(GRACE_MS)
      for (const client of clients) (await clickAndHold(client, text)).resolve()
      await stopped
      await Promise.all(clients.map(client => client.closed))
      expect(clients.map(client => client.fate)).to.deep.equal(['ended', 'ended'])
      expect(clients.map(connectionsSaid)).to.deep.equal([['204 close'], ['204 keep-alive', '204 close']])
    })

  it('ends connections that stay idle after half of the time, in the lane and in the hands of Hapi', async () => {
    const [silent, idle, ofHapi] = [await connect(), await connect(), await connect()]
    ;(await clickAndHold(idle, clickOf(1))).resolve()
    ;(await clickAndHold(ofHapi, CHUNKED)).resolve()
    await until('the answers', () => idle.received !== '' && ofHapi.received !== '')
    const { stopped } = await closeListener(SHORT_GRACE_MS)
    const closedAtMs = performance.now()
    await Promise.all([silent.closed, idle.closed, ofHapi.closed, stopped])
    expect(performance.now() - closedAtMs).to.be.at.least(SHORT_GRACE_MS / 2 - 1)
    expect([silent.fate, idle.fate, ofHapi.fate]).to.deep.equal(['ended', 'ended', 'ended'])
    expect([idle, ofHapi].map(connectionsSaid)).to.deep.equal([['204 keep-alive'], ['204 keep-alive']])
  })

  it('ends a connection once, however many kinds of answers it gets', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    const client = await connect()
    const ofPage = clickOf(2).replace('\r\n\r\n', '\r\nOrigin: https://shop.example\r\n\r\n')
    const { resolve } = await clickAndHold(client, (clickOf(1) + ofPage).repeat(10))
    const { stopped } = await closeListener(GRACE_MS)
    resolve()
    await Promise.all([stopped, client.closed])
    process.off('warning', note)
    expect(connectionsSaid(client)).to.deep.equal([...Array(19).fill('204 keep-alive'), '204 close'])
    // Of Node, about the listeners on the connection.
    expect(warnings).to.deep.equal([])
  })

  it('answers what waits, says that this was all, and does not wait for the client to close', async () => {
    const client = await connect()
    const { resolve } = await clickAndHold(client, clickOf(1) + clickOf(2))
    const { stopped } = await closeListener(GRACE_MS)
    resolve()
    await stopped
    await client.closed
    expect(client.fate).to.equal('ended')
    expect(connectionsSaid(client)).to.deep.equal(['204 keep-alive', '204 close'])
  })

  it('says so with the last of several ticks, whichever is ready first', async () => {
    const client = await connect()
    const first = await clickAndHold(client, clickOf(1))
    const second = await clickAndHold(client, clickOf(2))
    const { stopped } = await closeListener(GRACE_MS)
    second.resolve()
    first.resolve()
    await stopped
    await client.closed
    expect(connectionsSaid(client)).to.deep.equal(['204 keep-alive', '204 close'])
  })

  it('ends a connection whose last answer was ready before, once those ahead of it are', async () => {
    const client = await connect()
    // The refusal is ready at the end of its turn.
    const { resolve } = await clickAndHold(client, clickOf(1) + wrongRequest(0))
    await nextTurn()
    const { stopped } = await closeListener(2 * SHORT_GRACE_MS)
    // Idle connections have ended by then.
    await new Promise(resolve => setTimeout(resolve, SHORT_GRACE_MS + 50))
    expect(client.received).to.equal('')
    resolve()
    await stopped
    await client.closed
    expect(connectionsSaid(client)).to.deep.equal(['204 keep-alive', '404 keep-alive'])
    // Otherwise it has been cut, after all of the time.
    expect(server.sockets[0]!.writableFinished).to.equal(true)
  })

  it('says so with the answer to a body that was arriving, and leaves it its time', async () => {
    const client = await connect()
    const beacon = `POST /counter/2 HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`
    const first = await clickAndHold(client, clickOf(1) + beacon.slice(0, -1))
    const { stopped } = await closeListener(2 * SHORT_GRACE_MS)
    first.resolve()
    await until('the first answer', () => client.received !== '')
    // Idle connections have ended by then.
    await new Promise(resolve => setTimeout(resolve, SHORT_GRACE_MS + 50))
    ;(await clickAndHold(client, beacon.slice(-1))).resolve()
    await stopped
    await client.closed
    expect(client.fate).to.equal('ended')
    expect(connectionsSaid(client)).to.deep.equal(['204 keep-alive', '204 close'])
    expect(recorder.clicked).to.deep.equal([1, 2])
  })

  it('leaves it to Hapi to say so where a request of another kind has come, too', async () => {
    const client = await connect()
    const { resolve } = await clickAndHold(client, clickOf(1) + CHUNKED)
    const { stopped } = await closeListener(GRACE_MS)
    resolve()
    await until('the other click', () => recorder.clicked.length === 2)
    recorder.nextTick().resolve()
    await stopped
    await client.closed
    expect(connectionsSaid(client)).to.deep.equal(['204 keep-alive', '204 close'])
  })

  it('lets a connection of Hapi have its answer, and ends it', async () => {
    const client = await connect()
    const { resolve } = await clickAndHold(client, CHUNKED)
    const { stopped } = await closeListener(SHORT_GRACE_MS)
    resolve()
    await stopped
    await client.closed
    expect(connectionsSaid(client).map(said => said.split(' ')[0])).to.deep.equal(['204'])
  })

  it('answers what waits unread on a connection of Hapi, and ends it with that', async () => {
    const client = await connect()
    // The second one waits: the connection may end with the answer to the first.
    const { resolve } = await clickAndHold(
      client,
      'GET /counter/2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'.repeat(2),
    )
    const { stopped } = await closeListener(SHORT_GRACE_MS)
    await new Promise(resolve => setTimeout(resolve, SHORT_GRACE_MS / 2 + 50))
    resolve()
    await until('the second click', () => recorder.clicked.length === 2 || client.fate !== 'open')
    recorder.nextTick().resolve()
    await stopped
    await client.closed
    expect(connectionsSaid(client)).to.deep.equal(['204 keep-alive', '204 close'])
  })

  it('loses no answer that the client has not read yet', async () => {
    const client = await connect()
    const requests = await deafen(client, server.sockets[0]!)
    const { stopped } = await closeListener(SHORT_GRACE_MS)
    // Idle connections end before that.
    await new Promise(resolve => setTimeout(resolve, SHORT_GRACE_MS / 2 + 50))
    client.readOn()
    await Promise.all([stopped, client.closed])
    expect(connectionsSaid(client)).to.have.lengthOf(requests)
  })

  it('counts nothing any more that comes behind the last answer', async () => {
    const client = await connect()
    const { resolve } = await clickAndHold(client, clickOf(1))
    await closeListener(GRACE_MS)
    resolve()
    const [socket] = server.sockets
    await until('the end', () => socket!.writableEnded)
    socket!.emit('data', Buffer.from(clickOf(2)))
    await client.closed
    expect(recorder.clicked).to.deep.equal([1])
  })

  it('counts nothing that comes behind the last answer of Hapi in the same piece', async () => {
    const client = await connect()
    ;(await clickAndHold(client, CHUNKED)).resolve()
    await until('the answer', () => client.received !== '')
    await closeListener(GRACE_MS)
    ;(await clickAndHold(client, CHUNKED + CHUNKED + clickOf(1))).resolve()
    await client.closed
    expect(connectionsSaid(client)).to.deep.equal(['204 keep-alive', '204 close'])
    expect(recorder.clicked).to.deep.equal([2, 2])
  })

  it('says so as well to a request that asks first whether to go on', async () => {
    const client = await connect()
    ;(await clickAndHold(client, CHUNKED)).resolve()
    await until('the answer', () => client.received !== '')
    await closeListener(GRACE_MS)
    const asking = CHUNKED.replace('Transfer-Encoding', 'Expect: 100-continue\r\nTransfer-Encoding')
    ;(await clickAndHold(client, asking)).resolve()
    await client.closed
    expect(connectionsSaid(client)).to.deep.equal(['204 keep-alive', '100 undefined', '204 close'])
  })

  it('cuts what is not answered in time, in the lane and in the hands of Hapi', async () => {
    const [waiting, halfSent] = [await connect(), await connect()]
    await clickAndHold(waiting, clickOf(1))
    halfSent.send(Buffer.from(GET))
    await until('the half', () => server.sockets[1]!.bytesRead === GET.length)
    await server.stop(0)
    await Promise.all([waiting.closed, halfSent.closed])
    expect(waiting.received + halfSent.received).to.equal('')
  })
})

/** Of each answer, its status and what it says of the connection. */
function connectionsSaid({ received }: Client): string[] {
  return parseAnswers(received).map(({ status, headers }: Answer) => {
    const connection = headers.find(header => header.startsWith('connection: '))
    return `${status.split(' ')[1]} ${connection?.slice('connection: '.length)}`
  })
}
