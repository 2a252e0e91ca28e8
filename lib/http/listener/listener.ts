import http from 'node:http'
import net from 'node:net'
import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ThreadBooks } from '../../books/thread-books.ts'
import type { HotLane } from '../lane/lane.ts'
import { deferTimeouts } from './deferred-timeouts.ts'
import { KnowingRequest } from './known-headers.ts'
import { readRequestLines } from './request-lines.ts'
import { routeKind } from './route-kind.ts'

/** Limits that keep slow or hostile clients from holding a thread's connections. */
export const HEADERS_TIMEOUT_MS = 5000
const REQUEST_TIMEOUT_MS = 8000
export const KEEP_ALIVE_TIMEOUT_MS = 65_000
const CONNECTIONS_CHECKING_INTERVAL_MS = 1000
/** In the middle of a request or an answer: somebody who asks for a year and reads no further. */
export const IDLE_TIMEOUT_MS = 30_000
/** As much as nginx takes: a browser may hold several cookies of 4 KB. */
export const MAX_HEADER_BYTES = 32 * 1024
/** How long a stop waits for a moment in which no connection waits to be accepted. */
const QUIET_WAIT_MS = 100

/** Those that keep no connection any more which becomes idle. */
const parting = new WeakSet<http.Server>()

/** The HTTP server of one request thread, not listening yet. Every answer goes into the books. */
export function createListener(books: ThreadBooks, maxConnections: number): http.Server {
  const listener = http.createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: CONNECTIONS_CHECKING_INTERVAL_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    noDelay: true,
    // Refused with an answer in Hapi's shape, see refusal.ts.
    requireHostHeader: false,
    // Without a body there is none to be read: no stream, no events, 3 % of a click.
    optimizeEmptyRequests: true,
    IncomingMessage: KnowingRequest,
  })
  listener.timeout = IDLE_TIMEOUT_MS
  deferTimeouts(listener)
  readRequestLines(listener)
  listener.maxConnections = maxConnections
  // Their bytes are limited. Past a number of headers, Node would obey some that it does not show.
  listener.maxHeadersCount = 0
  // A client may close its half of the connection with its request. It is waiting for the answer then.
  Object.assign(listener, { httpAllowHalfOpen: true })
  const book = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const startedAt = performance.now()
    // No upgrade is taken, but Node drops what came after the offer in the same piece: perhaps a click.
    if (request.headers.upgrade !== undefined) response.setHeader('connection', 'close')
    response.on('close', () => {
      const latency = { kind: routeKind(request.url!), ms: performance.now() - startedAt }
      if (response.writableFinished) books.answer(response.statusCode, latency)
      if (parting.has(listener)) listener.closeIdleConnections()
    })
  }
  listener.on('request', book)
  listener.on('checkContinue', book)
  // Refused like the rest, see refusal.ts.
  listener.on('checkExpectation', (request, response) => listener.emit('request', request, response))
  return listener
}

/** Resolves when the server listens. Rejects with the system's error. */
export function listen(
  listener: http.Server,
  options: { host: string; port: number; reusePort: boolean },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  listener.once('error', reject)
  listener.listen(options, () => {
    listener.off('error', reject)
    resolve()
  })
  return promise
}

/**
 * Stops accepting and lets what has arrived be answered. Connections that are kept alive end with their next
 * answer, which says so: a proxy in front has perhaps just taken one of them for a request, and would see it
 * fail on one that is cut. Those that stay idle end after half of `graceMs`; after all of it, what has not
 * been answered is cut: half-sent requests, answers nobody reads.
 */
export async function closeListener(
  listener: http.Server,
  hotLane: HotLane | null,
  graceMs: number,
): Promise<void> {
  await untilNoneWaits()
  // The close of HTTP's server would cut idle connections.
  const closed = new Promise<void>(resolve => net.Server.prototype.close.call(listener, () => resolve()))
  for (const event of ['request', 'checkContinue'])
    listener.prependListener(event, (_request, response) => response.setHeader('connection', 'close'))
  hotLane?.close()
  const partTimer = setTimeout(() => {
    parting.add(listener)
    listener.closeIdleConnections()
    hotLane?.endIdle()
  }, graceMs / 2)
  const cutTimer = setTimeout(() => {
    listener.closeAllConnections()
    hotLane?.destroy()
  }, graceMs)
  await closed
  clearTimeout(partTimer)
  clearTimeout(cutTimer)
}

/**
 * Resolves right after a turn of the event loop in which the system had nothing for this thread, no
 * connection either: one that waits to be accepted when a listening socket is closed is reset. A connection
 * that is made in the microseconds from there to the closing still is.
 */
async function untilNoneWaits(): Promise<void> {
  const untilMs = performance.now() + QUIET_WAIT_MS
  let events: number
  do {
    events = performance.nodeTiming.uvMetricsInfo.events
    await nextTurn()
  } while (performance.nodeTiming.uvMetricsInfo.events !== events && performance.now() < untilMs)
}
