import net from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const CONNECTIONS = 64
const REQUEST = Buffer.from('GET /counter/1 HTTP/1.1\r\nHost: localhost\r\n\r\n')
const ACKNOWLEDGED = Buffer.from('HTTP/1.1 204')
const END = Buffer.from('\r\n\r\n')

export interface Saturation {
  readonly acknowledged: number
  readonly elapsedSeconds: number
}

/**
 * Keeps a request on each of many connections for some seconds, and then lets each be answered. Bare sockets
 * in a thread of their own, since a full HTTP client takes more processor time than the service it measures.
 * Rejects when an answer is not 204.
 */
export function saturate(url: string, seconds: number): Promise<Saturation> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { url, seconds } })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

async function run({ url, seconds }: { url: string; seconds: number }): Promise<Saturation> {
  const startedAt = performance.now()
  const endAt = startedAt + seconds * 1000
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, () => clickUntil(endAt, new URL(url))))
  return {
    acknowledged: counts.reduce((sum, count) => sum + count, 0),
    elapsedSeconds: (performance.now() - startedAt) / 1000,
  }
}

function clickUntil(endAt: number, { hostname, port }: URL): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: hostname, port: Number(port), noDelay: true })
    let acknowledged = 0
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the service closed a connection')))
    socket.on('connect', () => socket.write(REQUEST))
    // An answer is a few hundred bytes without a body and comes in one piece.
    socket.on('data', (answer: Buffer) => {
      if (!answer.subarray(0, ACKNOWLEDGED.length).equals(ACKNOWLEDGED) || !answer.subarray(-4).equals(END))
        reject(new Error(`not a whole 204: ${answer}`))
      acknowledged++
      if (performance.now() < endAt) socket.write(REQUEST)
      else socket.end(() => resolve(acknowledged))
    })
  })
}

if (!isMainThread) parentPort!.postMessage(await run(workerData))
