import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { readToShared, readToStream } from '../../../lib/http/lane/read-buffer.ts'
import { openConnection } from '../../support/raw-http.ts'
import { until } from './server.ts'

describe('the buffer that connections share', () => {
  let server: Server
  let client: Socket
  let socket: Socket
  const taken: string[] = []
  const buffers = new Set<Buffer>()

  function take(buffer: Buffer, length: number): void {
    buffers.add(buffer)
    taken.push(buffer.toString('latin1', 0, length))
  }

  beforeEach(async () => {
    taken.length = 0
    buffers.clear()
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const accepted = once(server, 'connection')
    client = openConnection((server.address() as AddressInfo).port)
    socket = (await accepted)[0]
  })
  afterEach(() => {
    client.destroy()
    socket.destroy()
    server.close()
  })

  it('is what this Node reads to, past the stream', async () => {
    expect(readToShared(socket, take)).to.equal(true)
    socket.on('data', () => expect.fail('came through the stream'))
    for (const piece of ['one', 'two']) {
      client.write(piece)
      await until(piece, () => taken.at(-1) === piece)
    }
    expect(buffers.size).to.equal(1)
  })

  it('gives the stream copies once it is told to, and no more than the stream wants', async () => {
    const sent = randomBytes(4_000_000)
    readToShared(socket, take)
    readToStream(socket)
    client.end(sent)
    await once(socket, 'readable')
    await until('the stream is full', () => socket.readableLength >= socket.readableHighWaterMark)
    for (let i = 0; i < 100; i++) await nextTurn()
    expect(socket.readableLength).to.be.below(sent.length / 4)
    const received = Buffer.concat(await socket.toArray())
    expect(received.equals(sent)).to.equal(true)
    expect(taken).to.deep.equal([])
  })

  it('is set once, however often a connection comes: Node keeps each setting until the connection closes', async () => {
    const handle = Reflect.get(socket, '_handle')
    const { useUserBuffer } = handle
    let count = 0
    handle.useUserBuffer = (buffer: Buffer) => {
      count++
      return useUserBuffer.call(handle, buffer)
    }
    for (const piece of ['one', 'two', 'three']) {
      expect(readToShared(socket, take)).to.equal(true)
      socket.resume()
      client.write(piece)
      await until(piece, () => taken.at(-1) === piece)
      socket.pause()
      readToStream(socket)
    }
    expect(count).to.equal(1)
  })

  it('leaves alone what is not a connection of this Node', () => {
    const foreign = new Socket()
    expect(readToShared(foreign, take)).to.equal(false)
    expect(readToShared({} as Socket, take)).to.equal(false)
  })
})
