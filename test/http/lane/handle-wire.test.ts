import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { openHandleWire } from '../../../lib/http/lane/handle-wire.ts'
import type { WireUser } from '../../../lib/http/lane/wire.ts'
import { openConnection } from '../../support/raw-http.ts'
import { startWorker } from '../../support/worker.ts'
import { handleOf, until } from './server.ts'

/** Says what a thread without this or that has: see there. */
const THREAD = new URL('./handle-wire-thread.ts', import.meta.url)
/** More than the kernel's buffers take. */
const LONG = 'long '.repeat(4_000_000)

describe('the wire by the handle', () => {
  let server: Server
  let client: Socket
  let socket: Socket
  const taken: Buffer[] = []
  const buffers = new Set<Buffer>()
  const told: string[] = []
  const user: WireUser = {
    take: (buffer, length) => {
      buffers.add(buffer)
      taken.push(Buffer.from(buffer.subarray(0, length)))
    },
    goOnWriting: () => told.push('go on'),
    destroy: () => told.push('destroy'),
  }
  const open = () => openHandleWire(socket, user)!

  beforeEach(async () => {
    taken.length = told.length = 0
    buffers.clear()
    server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
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

  it('is what this Node has, and reads past the stream', async () => {
    expect(open()).not.to.equal(null)
    socket.on('data', () => expect.fail('came through the stream'))
    for (const piece of ['one', 'two']) {
      client.write(piece)
      await until(piece, () => String(taken.at(-1)) === piece)
    }
    expect(buffers.size).to.equal(1)
    expect(socket.bytesRead).to.equal(6)
  })

  it('reads what is longer than its buffer in pieces', async () => {
    const sent = randomBytes(1_000_000)
    open()
    client.end(sent)
    await until('all', () => taken.reduce((sum, { length }) => sum + length, 0) === sent.length)
    expect(Buffer.concat(taken).equals(sent)).to.equal(true)
    expect(Math.max(...taken.map(({ length }) => length))).to.be.at.most(64 * 1024)
  })

  it("leaves the client's end to Node", async () => {
    open()
    socket.resume()
    client.end('last')
    await once(socket, 'end')
    expect(String(taken)).to.equal('last')
    expect(socket.destroyed).to.equal(false)
  })

  it('gives the stream copies once it is left, and no more than the stream wants', async () => {
    const sent = randomBytes(4_000_000)
    open().leaveReading()
    client.end(sent)
    await once(socket, 'readable')
    await until('the stream is full', () => socket.readableLength >= socket.readableHighWaterMark)
    for (let i = 0; i < 100; i++) await nextTurn()
    expect(socket.readableLength).to.be.below(sent.length / 4)
    const received = Buffer.concat(await socket.toArray())
    expect(received.equals(sent)).to.equal(true)
    expect(taken).to.deep.equal([])
  })

  it('leaves nothing of it on the connection but the buffer, which is set once, however often it comes', async () => {
    const handle = handleOf(socket)
    const { useUserBuffer, onread } = handle
    let count = 0
    handle.useUserBuffer = (buffer: Buffer) => {
      count++
      return useUserBuffer.call(handle, buffer)
    }
    for (const piece of ['one', 'two', 'three']) {
      const wire = open()
      expect(handle.onread).not.to.equal(onread)
      socket.resume()
      client.write(piece)
      await until(piece, () => String(taken.at(-1)) === piece)
      socket.pause()
      wire.leaveReading()
      expect(handle.onread).to.equal(onread)
      expect(Reflect.ownKeys(handle).map(key => Reflect.get(handle, key))).not.to.include(user)
    }
    expect(count).to.equal(1)
    expect(taken).to.have.lengthOf(3)
  })

  it('writes at once what the kernel takes, however long', async () => {
    const wire = open()
    const received: Buffer[] = []
    client.on('data', (piece: Buffer) => received.push(piece))
    // Node writes 16 KiB and more in another way.
    const texts = ['one', 'x'.repeat(20_000), 'two', 'y'.repeat(20_000), '\xff']
    for (const text of texts) expect(wire.write(text)).to.equal(true)
    await until('all', () => Buffer.concat(received).toString('latin1') === texts.join(''))
    expect(socket.bytesWritten).to.equal(texts.join('').length)
    expect(told).to.deep.equal([])
  })

  it('tells when the rest of what it wrote has left, and writes on behind it', async () => {
    const wire = open()
    const received: Buffer[] = []
    client.on('data', (piece: Buffer) => received.push(piece))
    for (const last of ['first', 'second']) {
      client.pause()
      expect(wire.write(LONG)).to.equal(false)
      for (let i = 0; i < 100; i++) await nextTurn()
      expect(told.splice(0)).to.deep.equal([])
      client.resume()
      await until('that', () => told.length > 0)
      expect(told.splice(0)).to.deep.equal(['go on'])
      expect(wire.write(last)).to.equal(true)
      await until('all', () => String(received.at(-1)).endsWith(last))
    }
    expect(Buffer.concat(received).equals(Buffer.from(`${LONG}first${LONG}second`))).to.equal(true)
  })

  it('delivers all before the end', async () => {
    const wire = open()
    expect(wire.write(LONG)).to.equal(false)
    socket.destroySoon()
    expect(Buffer.concat(await client.toArray()).equals(Buffer.from(LONG))).to.equal(true)
  })

  it('asks for the end when the client goes before it has read all', async () => {
    expect(open().write(LONG)).to.equal(false)
    socket.pause()
    client.resetAndDestroy()
    await until('that', () => told.length > 0)
    expect(told).to.deep.equal(['destroy'])
  })

  it('asks for it when the client has gone before the write', async () => {
    const wire = open()
    socket.pause()
    client.resetAndDestroy()
    await once(client, 'close')
    expect(wire.write('nobody')).to.equal(false)
    expect(told).to.deep.equal(['destroy'])
  })

  it('asks for it, too, when the connection is closed already, whatever was written last on another', async () => {
    const wire = open()
    expect(wire.write(LONG)).to.equal(false)
    socket.destroy()
    expect(wire.write('nobody')).to.equal(false)
    expect(told).to.deep.equal(['destroy'])
    await once(socket, 'close')
    expect(told).to.deep.equal(['destroy', 'destroy'])
  })

  it('leaves a reset to Node', async () => {
    open()
    socket.resume()
    client.resetAndDestroy()
    const [error] = await once(socket, 'error')
    expect(error.code).to.equal('ECONNRESET')
    expect(taken).to.deep.equal([])
  })

  it('lets what its user throws be an uncaught exception', async () => {
    const { worker } = startWorker<boolean>(THREAD, { missing: null })
    const [error] = await once(worker, 'error')
    expect(error.message).to.equal('thrown over one')
  })

  for (const missing of ['all', 'streamBaseState', 'kReadBytesOrError', 'kLastWriteWasAsync', 'WriteWrap'])
    it(`is not there without Node's stream_wrap: ${missing}`, async () => {
      const { worker, result } = startWorker<boolean>(THREAD, { missing })
      const exited = once(worker, 'exit')
      expect(await result).to.equal(false)
      await exited
    })

  it('leaves alone what is not a connection of this Node', () => {
    expect(openHandleWire(new Socket(), user)).to.equal(null)
    expect(openHandleWire({} as Socket, user)).to.equal(null)
  })
})
