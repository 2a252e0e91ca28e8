import http from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import Boom from '@hapi/boom'
import type { ThreadBooks } from '../../books/thread-books.ts'
import { isGetWithBody, objectionTo, pathOf } from './ambiguous.ts'
import { errorAnswer } from './answer.ts'
import { destroyIn, mistakeOf, noProxy, refuse, tooLate } from './client-errors.ts'
import { IDLE_TIMEOUT_MS, KEEP_ALIVE_TIMEOUT_MS, MAX_HEADER_BYTES, SWEEP_INTERVAL_MS } from './limits.ts'
import { type Lane, RequestGate } from './request-gate.ts'
import { routeKind } from './route-kind.ts'

/** Answers requests. */
export interface RequestHandler {
  /** `checkContinue`: the client waits for 100 Continue before it sends the body. */
  readonly serve: (
    event: 'request' | 'checkContinue',
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ) => void
  /** Whether the path has GET. Otherwise it has only other methods. */
  readonly hasGet: (path: string) => boolean
  /** How long a body may be, as it comes. */
  readonly maxBodyBytes: (method: string, path: string) => number
}

/**
 * The connections that Node's HTTP server reads. The server never listens: it is given each connection,
 * behind a gate. A server looks for late requests only once it listens, so this class looks for them. Every
 * answer goes into the books.
 */
export class HttpConnections {
  readonly #books: ThreadBooks
  readonly #handler: RequestHandler
  readonly #server: http.Server
  readonly #gates = new Set<RequestGate>()
  readonly #sweepTimer: NodeJS.Timeout
  #isClosing = false
  #isParting = false

  constructor(books: ThreadBooks, handler: RequestHandler) {
    this.#books = books
    this.#handler = handler
    this.#server = this.#createServer()
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS).unref()
  }

  /**
   * Takes a connection over: it must have no other reader, and earlier bytes must have been unshifted. `lane`:
   * gets it back with the next request that is for the lane, once all before it are answered; null: nobody does.
   */
  take(socket: Socket, lane: Lane | null = null): void {
    const gate = new RequestGate(socket, lane)
    this.#gates.add(gate)
    gate.once('close', () => this.#gates.delete(gate))
    this.#server.emit('connection', gate)
  }

  /** From here on, every connection ends with the answer to its next request. */
  close(): void {
    this.#isClosing = true
  }

  /** Ends connections that wait for no answer, and each of the others once it does not any more. */
  endIdle(): void {
    this.#isParting = true
    for (const gate of this.#gates) if (gate.isIdle) gate.destroySoon()
  }

  /** Cuts what is left. */
  destroy(): void {
    clearInterval(this.#sweepTimer)
    for (const gate of this.#gates) gate.destroy()
  }

  #createServer(): http.Server {
    const server = http.createServer({
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Refused with an answer in Hapi's shape, see ambiguous.ts.
      requireHostHeader: false,
      // A request without a body gets no stream and no events. They would cost 3 % of a click.
      optimizeEmptyRequests: true,
    })
    server.timeout = IDLE_TIMEOUT_MS
    // No limit on their number: their bytes are limited, and Node would obey fields beyond the number without
    // showing them.
    server.maxHeadersCount = 0
    server.on('request', (request, response) => this.#handle('request', request, response))
    server.on('checkContinue', (request, response) => this.#handle('checkContinue', request, response))
    // Another expectation is refused like the rest, see ambiguous.ts.
    server.on('checkExpectation', (request, response) => this.#handle('request', request, response))
    server.on('clientError', ({ code }: NodeJS.ErrnoException, gate) =>
      this.#refuseOnce(gate as RequestGate, mistakeOf(code)),
    )
    server.on('connect', request => this.#refuseProxying(gateOf(request)))
    return server
  }

  #handle(
    event: 'request' | 'checkContinue',
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): void {
    // Before anything is answered, and before the parser returns from this head: a gate that does not know
    // the answer takes the head for a mistake.
    gateOf(request).know(response)
    this.#book(request, response)
    // No upgrade is taken, and the connection ends: Node drops the bytes that follow an offer in its piece.
    // They may be a click.
    if (this.#isClosing || request.headers.upgrade !== undefined) response.setHeader('connection', 'close')
    const objection =
      objectionTo(request, this.#handler.maxBodyBytes) ?? this.#objectionToBody(request, response)
    if (objection === null) this.#handler.serve(event, request, response)
    else answer(response, objection)
  }

  #objectionToBody(request: http.IncomingMessage, response: http.ServerResponse): Boom.Boom | null {
    if (!isGetWithBody(request)) return null
    const path = pathOf(request)
    if (!path.startsWith('/') || this.#handler.hasGet(path))
      return Boom.badRequest(`${request.method} must not have a body: use POST`)
    // Hapi refuses it, and its answer says which methods the path has.
    response.setHeader('connection', 'close')
    return null
  }

  #book(request: http.IncomingMessage, response: http.ServerResponse): void {
    const startedAtMs = performance.now()
    response.on('close', () => {
      const latency = { kind: routeKind(request.url!), ms: performance.now() - startedAtMs }
      if (response.writableFinished) this.#books.answer(response.statusCode, latency)
      if (this.#isParting) this.endIdle()
    })
  }

  /** The parser reports a mistake for each piece after the first mistake. One answer is enough. */
  #refuseOnce(gate: RequestGate, error: Boom.Boom): void {
    if (gate.isRefused) return
    gate.isRefused = true
    refuse(gate, error, this.#books)
  }

  /** Node hands the connection over, and no longer looks after its time-outs and its errors. */
  #refuseProxying(gate: RequestGate): void {
    gate.on('error', () => {})
    destroyIn(IDLE_TIMEOUT_MS, gate)
    gate.discardRest()
    refuse(gate, noProxy(), this.#books)
  }

  #sweep(): void {
    const nowMs = performance.now()
    for (const gate of this.#gates) {
      if (!gate.isLate(nowMs)) continue
      // See limits.ts.
      if (gate.isSilent) gate.destroy()
      else this.#refuseOnce(gate, tooLate())
    }
  }
}

/**
 * Lets the rest of a request take longer than that of others, as long as it keeps coming: to be called for one that was
 * let in.
 */
export function allowLongBody(request: http.IncomingMessage, response: http.ServerResponse): void {
  gateOf(request).allowLongBody(response)
}

/** The server has no other connections. */
function gateOf(request: http.IncomingMessage): RequestGate {
  return request.socket as unknown as RequestGate
}

/** Answers in Hapi's shape, and ends the connection. */
function answer(response: http.ServerResponse, error: Boom.Boom): void {
  const { statusCode, headers, bodyHeaders, body } = errorAnswer(error)
  response.setHeader('connection', 'close')
  response.writeHead(statusCode, { ...headers, ...bodyHeaders }).end(body, 'latin1')
}
