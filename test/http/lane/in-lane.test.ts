import type { Socket } from 'node:net'
import { expect } from 'chai'
import { JournalError } from '../../../lib/base/errors.ts'
import type { Segment } from '../../../lib/journal/append/segment.ts'
import { VALID } from '../../../lib/rows/classes.ts'
import type { Sums } from '../../../lib/rows/sums.ts'
import { newRecorder } from '../../ingest/new-recorder.ts'
import { parseAnswers } from './answers.ts'
import { Client } from './client.ts'
import { clickOf, HeldRecorder, handleOf, type LaneServer, startLane, until } from './server.ts'

describe('the hot lane', () => {
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

  for (const [isHotLaneOn, requests] of [
    [true, 0],
    [false, 3],
  ] as const)
    it(`${isHotLaneOn ? 'answers ahead of' : 'that is off leaves all to'} the HTTP server`, async () => {
      server = await startLane({ isHotLaneOn })
      const client = await connect()
      client.send(Buffer.from(clickOf(1) + clickOf(2)))
      await until('two answers', () => parseAnswers(client.received).length === 2)
      client.send(Buffer.from(clickOf(3).replace('\r\n\r\n', '\r\nOrigin: https://shop.example\r\n\r\n')))
      await until('a third answer', () => parseAnswers(client.received).length === 3)
      expect(server.requests()).to.equal(requests)
      expect(server.booked('requests')).to.equal(3)
    })

  it('keeps a connection whose body comes in pieces, and counts with its last byte', async () => {
    const recorder = new HeldRecorder()
    server = await startLane({ recorder })
    const client = await connect()
    const head = `POST /counter/1 HTTP/1.1\r\nHost: counter\r\nContent-Length: 40000\r\n\r\n`
    const text = `${head}${clickOf(2).repeat(2000).slice(0, 40_000)}${clickOf(3)}`
    let sent = 0
    for (const end of [head.length, head.length + 1, 30_000, head.length + 39_999]) {
      client.send(Buffer.from(text.slice(sent, end)))
      sent = end
      await until('the piece', () => server.sockets[0]!.bytesRead === end)
      expect(recorder.clicked).to.deep.equal([])
    }
    client.send(Buffer.from(text.slice(sent)))
    await until('both clicks', () => recorder.clicked.length === 2)
    recorder.nextTick().resolve()
    await until('both answers', () => parseAnswers(client.received).length === 2)
    expect(recorder.clicked).to.deep.equal([1, 3])
    expect(server.requests()).to.equal(0)
  })

  it('keeps a connection whose client sends an empty line behind a body', async () => {
    server = await startLane()
    const client = await connect()
    const beacon = `POST /counter/1 HTTP/1.1\r\nHost: counter\r\nContent-Length: 3\r\n\r\nabc\r\n`
    for (const answers of [1, 2]) {
      client.send(Buffer.from(beacon))
      await until('the answer', () => parseAnswers(client.received).length === answers)
    }
    client.send(Buffer.from(`\r\n\r\n${clickOf(1)}`))
    await until('the third answer', () => parseAnswers(client.received).length === 3)
    expect(server.requests()).to.equal(0)
    expect(server.booked('responses2xx')).to.equal(3)
  })

  it('answers what it refuses once a turn of the event loop', async () => {
    server = await startLane()
    const all = await Promise.all(Array.from({ length: 20 }, connect))
    await until('all accepted', () => server.sockets.length === 20)
    const writes = server.sockets.map(countWrites)
    for (const socket of server.sockets)
      for (const path of ['/counter/0', '/counter/1/2', '/counter/x.gif'])
        socket.emit('data', Buffer.from(clickOf(1).replace('/counter/1', path)))
    await until('all answers', () => all.every(({ received }) => parseAnswers(received).length === 3))
    expect(writes.map(({ count }) => count)).to.deep.equal(Array(20).fill(1))
    expect(server.requests()).to.equal(0)
    expect([server.booked('requests'), server.booked('responses4xx')]).to.deep.equal([60, 60])
    expect(server.durations().counts.reduce((sum, count) => sum + count)).to.equal(60)
  })

  it('writes the journal once a tick, and to each connection once', async () => {
    const appended: number[] = []
    const append = (_generation: number, { rowCount, clicks }: Sums) => {
      appended.push(clicks[VALID].subarray(0, rowCount).reduce((sum, ofRow) => sum + ofRow, 0))
    }
    const { recorder } = newRecorder({ journal: { append } as unknown as Segment })
    server = await startLane({ recorder })
    const all = await Promise.all(Array.from({ length: 20 }, connect))
    await until('all accepted', () => server.sockets.length === 20)
    const writes = server.sockets.map(countWrites)
    // As if they had arrived in one tick, which is the kernel's to decide.
    for (const socket of server.sockets)
      for (const bannerId of [1, 2, 3]) socket.emit('data', Buffer.from(clickOf(bannerId)))
    await until('all answers', () => all.every(({ received }) => parseAnswers(received).length === 3))
    expect(appended).to.deep.equal([60])
    expect(writes.map(({ count }) => count)).to.deep.equal(Array(20).fill(1))
  })

  it('books every answer, and a duration for each', async () => {
    const recorder = new HeldRecorder()
    server = await startLane({ recorder })
    const all = await Promise.all([connect(), connect()])
    for (const client of all) client.send(Buffer.from(clickOf(1) + clickOf(2)))
    await until('all counted', () => recorder.clicked.length === 4)
    expect(server.booked('requests')).to.equal(0)
    recorder.nextTick().resolve()
    await until('the answers', () => server.booked('requests') === 4)
    for (const client of all) client.send(Buffer.from(clickOf(1)))
    await until('all counted', () => recorder.clicked.length === 6)
    recorder.nextTick().reject(new JournalError())
    await until('the refusals', () => server.booked('requests') === 6)
    expect(server.booked('responses2xx')).to.equal(4)
    expect(server.booked('responses5xx')).to.equal(2)
    expect(server.durations().counts.reduce((sum, count) => sum + count)).to.equal(6)
  })
})

function countWrites(socket: Socket) {
  const writes = { count: 0 }
  const handle = handleOf(socket)
  const write = handle.writeLatin1String.bind(handle)
  handle.writeLatin1String = (...args) => {
    writes.count++
    return write(...args)
  }
  return writes
}
