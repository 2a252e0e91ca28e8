import { once } from 'node:events'
import net from 'node:net'

const ACKNOWLEDGED = Buffer.from('HTTP/1.1 204')

/**
 * A connection with at most one click under way; a bare socket, since a full HTTP client takes more processor
 * time than the service it measures. Connects anew when it was closed.
 */
export class Connection {
  readonly #address: net.TcpNetConnectOpts
  #socket: net.Socket | null = null
  #settle: (isAcknowledged: boolean) => void = () => {}

  private constructor({ hostname, port }: URL) {
    this.#address = { host: hostname, port: Number(port), noDelay: true }
  }

  /** Resolves when it is connected, or was refused: then its clicks fail. */
  static async open(url: URL): Promise<Connection> {
    const connection = new Connection(url)
    await once(connection.#connect(), 'connect').catch(() => {})
    return connection
  }

  /** Resolves with whether the answer is 204. */
  click(bannerId: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#settle = resolve
    const socket = this.#socket ?? this.#connect()
    socket.write(`GET /counter/${bannerId} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    return promise
  }

  close(): void {
    this.#socket?.destroy()
  }

  #connect(): net.Socket {
    const socket = net.connect(this.#address)
    // A 204 is a few hundred bytes without a body and comes in one piece. Behind any other answer, the rest
    // of it would be taken for the next one: the connection is given up.
    socket.on('data', (answer: Buffer) => {
      if (answer.subarray(0, ACKNOWLEDGED.length).equals(ACKNOWLEDGED)) this.#settle(true)
      else socket.destroy()
    })
    // 'close' follows.
    socket.on('error', () => {})
    // The socket is forgotten before its click is settled: the settling sends the next
    // click, which needs a new socket.
    socket.on('close', () => {
      this.#socket = null
      this.#settle(false)
    })
    this.#socket = socket
    return socket
  }
}
