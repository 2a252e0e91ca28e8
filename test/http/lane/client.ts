import { channel } from 'node:diagnostics_channel'
import { connect, type Socket } from 'node:net'

/** How a connection stands, seen from the client. */
export type Fate = 'open' | 'ended' | 'reset'

/** The servers' sockets by the client's address and port: client and server are one process. */
const accepted = new Map<string, Socket>()

channel('net.server.socket').subscribe(message => {
  const { socket } = message as { socket: Socket }
  if (socket.remotePort === undefined) return
  const client = `${socket.remoteAddress} ${socket.remotePort}`
  accepted.set(client, socket)
  socket.on('close', () => accepted.get(client) === socket && accepted.delete(client))
})

/** One connection of a client that sees both ends of it. */
export class Client {
  readonly name: string
  received = ''
  fate: Fate = 'open'
  readonly connected: Promise<void>
  /** Resolves when nothing can come any more. */
  readonly closed: Promise<void>
  readonly #socket: Socket
  #server: Socket | undefined
  #sentBytes = 0
  #receivedBytes = 0

  /** `localAddress`: where it comes from. */
  constructor(port: number, name: string, localAddress = '127.0.0.1') {
    this.name = name
    const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true, noDelay: true })
    this.#socket = socket
    const connected = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    this.connected = connected.promise
    this.closed = closed.promise
    socket.on('connect', () => connected.resolve())
    socket.on('data', (chunk: Buffer) => {
      this.#receivedBytes += chunk.length
      this.received += chunk.toString('latin1')
    })
    socket.on('end', () => {
      this.fate = 'ended'
      closed.resolve()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      connected.reject(error)
      this.fate = 'reset'
    })
    socket.on('close', () => closed.resolve())
  }

  send(bytes: Buffer): void {
    this.#sentBytes += bytes.length
    this.#socket.write(bytes)
  }

  /** Closes the client's half. */
  end(): void {
    this.#socket.end()
  }

  /** What comes from now on stays in the kernel. */
  stopReading(): void {
    this.#socket.pause()
  }

  readOn(): void {
    this.#socket.resume()
  }

  drop(): void {
    this.#socket.destroy()
  }

  /** Closes both halves at once. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  /**
   * Whether bytes are under way, or an end that the other side has not seen yet. A server that never ends a
   * connection is not waited for.
   */
  get isBusy(): boolean {
    // Dropped, or ended by the server: what is left is that the server lets go, too.
    if (this.#socket.destroyed) return this.fate !== 'open' && !(this.#server?.destroyed ?? true)
    if (this.fate !== 'open') return false
    const { localAddress, localPort } = this.#socket
    this.#server ??= accepted.get(`${localAddress} ${localPort}`)
    if (this.#server === undefined) return true
    const { bytesRead, bytesWritten, destroyed, writableFinished } = this.#server
    return bytesRead < this.#sentBytes || bytesWritten > this.#receivedBytes || destroyed || writableFinished
  }

  /** Grows whenever something happens on the connection. */
  get progress(): number {
    const server = this.#server
    return (server?.bytesRead ?? 0) + (server?.bytesWritten ?? 0) + this.#receivedBytes + this.fate.length
  }
}
