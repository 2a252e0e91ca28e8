import http from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import Boom from '@hapi/boom'
import { Shares } from '../../base/shares.ts'
import type { ThreadBooks } from '../../books/thread-books.ts'
import { hasBody, isGetWithBody, objectionTo, pathOf } from './ambiguous.ts'
import { errorAnswer } from './answer.ts'
import { destroyIn, mistakeOf, noProxy, refuse, tooLate, tooManyRequests } from './client-errors.ts'
import { IDLE_TIMEOUT_MS, KEEP_ALIVE_TIMEOUT_MS, MAX_HEADER_BYTES, REQUEST_PLACES } from './limits.ts'
import { type Lane, RequestGate } from './request-gate.ts'
import { isLight, routeKind } from './route-kind.ts'
import { type Sweep, sweep } from './sweep.ts'
import type { Turns } from './turns.ts'

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

interface HttpConnectionsOptions {
  readonly books: ThreadBooks
  readonly handler: RequestHandler
  /** What clients are told apart by. */
  readonly clientOf: (request: http.IncomingMessage) => string
  /** In these, requests are served. */
  readonly turns: Turns
}

/**
 * The connections that Node's HTTP server reads. The server never listens: it is given each connection,
 * behind a gate. A server looks for late requests only once it listens, so this class looks for them. Every
 * answer goes into the books.
 */
export class HttpConnections {
  readonly #books: ThreadBooks
  readonly #handler: RequestHandler
  readonly #clientOf: HttpConnectionsOptions['clientOf']
  readonly #turns: Turns
  /** Requests that are in hand. */
  readonly #places = new Shares(REQUEST_PLACES)
  readonly #server: http.Server
  readonly #gates = new Set<RequestGate>()
  readonly #sweep: Sweep
  #isClosing = false
  #isParting = false

  constructor({ books, handler, clientOf, turns }: HttpConnectionsOptions) {
    this.#books = books
    this.#handler = handler
    this.#clientOf = clientOf
    this.#turns = turns
    this.#server = this.#createServer()
    this.#sweep = sweep(this.#gates, gate => this.#endLate(gate))
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
    this.#sweep.stop()
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
    if (objection !== null) endWith(response, objection)
    else if (isLight(request.url!)) this.#handler.serve(event, request, response)
    else this.#serveInTurn(event, request, response)
  }

  /** Serves what may take long, or hold much. Who asks much waits for himself, and beyond a number is refused. */
  #serveInTurn(
    event: 'request' | 'checkContinue',
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): void {
    const client = this.#clientOf(request)
    if (!this.#places.take(client)) {
      this.#books.refuseRequest()
      // Its body would have to be read.
      if (hasBody(request)) endWith(response, tooManyRequests())
      else answer(response, tooManyRequests())
      return
    }
    response.once('close', () => this.#places.giveBack(client))
    void this.#turns.next(client).then(() => {
      // The client may have gone away meanwhile: nobody would get the answer.
      if (!response.destroyed) this.#handler.serve(event, request, response)
    })
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

  #endLate(gate: RequestGate): boolean {
    if (!gate.isLate(performance.now())) return false
    // See limits.ts.
    if (gate.isSilent) gate.destroy()
    else this.#refuseOnce(gate, tooLate())
    return true
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
function endWith(response: http.ServerResponse, error: Boom.Boom): void {
  response.setHeader('connection', 'close')
  answer(response, error)
}

function answer(response: http.ServerResponse, error: Boom.Boom): void {
  const { statusCode, headers, bodyHeaders, body } = errorAnswer(error)
  response.writeHead(statusCode, { ...headers, ...bodyHeaders }).end(body, 'latin1')
}
