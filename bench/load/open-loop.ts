import net from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

/** As many requests as can be under way; more of them wait, and their wait counts. */
const CONNECTIONS = 128
const ACKNOWLEDGED = Buffer.from('HTTP/1.1 204')

export interface Pace {
  readonly ratePerSecond: number
  readonly seconds: number
  /** Clicked one after the other, 1 … banners. */
  readonly banners: number
}

export interface Paced {
  readonly acknowledged: number
  readonly elapsedSeconds: number
  /** When each answer came, in milliseconds since the epoch. */
  readonly answeredAtMs: Float64Array
  /** How long it took, in the same order. */
  readonly latencyMs: Float64Array
}

/**
 * Sends clicks at an even rate, whatever becomes of the earlier ones, so that a stall shows in all it delays.
 * Bare sockets in a thread of their own: autocannon sends a second's clicks at once, and cannot hold 20 000
 * a second beside the service. Resolves when each is answered, rejects when one is not with 204.
 */
export function pace(url: string, options: Pace): Promise<Paced> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { url, ...options } })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

async function run({ url, ratePerSecond, seconds, banners }: Pace & { url: string }): Promise<Paced> {
  const { hostname, port } = new URL(url)
  const amount = ratePerSecond * seconds
  const answeredAtMs = new Float64Array(amount)
  const latencyMs = new Float64Array(amount)
  const idle = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Connection.open(hostname, Number(port))),
  )
  const sockets = [...idle]
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>()
  /** Those from `sent` to `due` wait for a connection. */
  const dueAtMs = new Float64Array(amount)
  let due = 0
  let sent = 0
  let answered = 0
  const sendDue = () => {
    while (sent < due && idle.length > 0) {
      const since = dueAtMs[sent]!
      // The one that has been idle for longest: a connection that says nothing for 5 s is closed.
      const connection = idle.shift()!
      connection.click(1 + (sent++ % banners)).then(() => {
        const now = performance.now()
        answeredAtMs[answered] = performance.timeOrigin + now
        latencyMs[answered++] = now - since
        idle.push(connection)
        if (answered === amount) resolve()
        else sendDue()
      }, reject)
    }
  }
  const startedAt = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    const target = Math.min(amount, Math.floor(((now - startedAt) / 1000) * ratePerSecond))
    dueAtMs.fill(now, due, target)
    due = target
    sendDue()
  }, 1)
  await finished.finally(() => clearInterval(timer))
  for (const socket of sockets) socket.close()
  const elapsedSeconds = (performance.now() - startedAt) / 1000
  return { acknowledged: answered, elapsedSeconds, answeredAtMs, latencyMs }
}

/** One request at a time. */
class Connection {
  readonly #socket: net.Socket
  #answer = Promise.withResolvers<void>()

  private constructor(socket: net.Socket) {
    this.#socket = socket
    const fail = (error: Error) => this.#answer.reject(error)
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('the service closed a connection')))
    // An answer is a few hundred bytes without a body and comes in one piece.
    socket.on('data', (answer: Buffer) => {
      if (answer.subarray(0, ACKNOWLEDGED.length).equals(ACKNOWLEDGED)) this.#answer.resolve()
      else fail(new Error(`not a 204: ${answer}`))
    })
  }

  static async open(host: string, port: number): Promise<Connection> {
    const socket = net.connect({ host, port, noDelay: true })
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new Connection(socket)
  }

  click(bannerId: number): Promise<void> {
    this.#answer = Promise.withResolvers()
    this.#socket.write(`GET /counter/${bannerId} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    return this.#answer.promise
  }

  close(): void {
    this.#socket.removeAllListeners('close').destroy()
  }
}

if (!isMainThread) parentPort!.postMessage(await run(workerData))
