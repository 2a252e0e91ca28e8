import { randomUUID } from 'node:crypto'
import type http from 'node:http'
import type { Socket } from 'node:net'
import Boom from '@hapi/boom'
import type { ThreadBooks } from '../../books/thread-books.ts'
import type { Recorder } from '../../ingest/recorder.ts'
import { VALID } from '../../rows/classes.ts'
import { clickHeaders, refusalOf } from '../api/routes/counter.ts'
import { corsHeaders } from '../entrance/cors.ts'
import { HEADERS_TIMEOUT_MS, IDLE_TIMEOUT_MS, KEEP_ALIVE_TIMEOUT_MS } from '../listener/listener.ts'
import { type Persistence, rawAnswer, rawError } from '../listener/raw-answer.ts'
import { Connection, type Entry } from './connection.ts'
import { parseHotRequest } from './request.ts'

const SWEEP_INTERVAL_MS = 1000
const KEPT_ALIVE = { keepAliveMs: KEEP_ALIVE_TIMEOUT_MS }

export interface HotLaneOptions {
  readonly listener: http.Server
  readonly recorder: Recorder
  readonly books: ThreadBooks
  /** To be told to operators: clicks were refused for a reason that is not the client's. */
  readonly reportFailure: (what: string, error: Error, requestId: string | null) => void
}

type AnswerTo = (persistence: Persistence, origin: string | null) => string

/** Clicks with one outcome, which is nearly always that of their tick. */
interface Turn {
  readonly outcome: Promise<void>
  readonly startedAtMs: number
  readonly entries: Entry[]
}

/**
 * Answers clicks ahead of the HTTP parser. A connection stays in the lane as long as everything on it is whole
 * requests of the one shape of hot-request.ts. With the first other byte, and all that follow, it is handed
 * to the listener for good, as if it had just been accepted.
 *
 * Clicks of one tick are answered together, with one write a connection.
 */
export class HotLane {
  readonly #options: HotLaneOptions
  readonly #serve: (socket: Socket) => void
  readonly #connections = new Set<Connection>()
  readonly #sweepTimer: NodeJS.Timeout
  #turn: Turn | null = null
  #isClosing = false

  /** Takes the place of the listener's own reading, so whatever else listens for connections comes before. */
  constructor(options: HotLaneOptions) {
    this.#options = options
    const { listener } = options
    const serve = listener.listeners('connection')
    this.#serve = socket => serve.forEach(listen => void listen.call(listener, socket))
    listener.removeAllListeners('connection')
    listener.on('connection', socket => this.#accept(socket))
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS)
  }

  /** From here on, every connection ends with its next answer. */
  close(): void {
    this.#isClosing = true
    clearInterval(this.#sweepTimer)
  }

  /** Ends connections that wait for no answer. */
  endIdle(): void {
    for (const connection of this.#connections) {
      if (connection.isWaiting) continue
      connection.isEnding = true
      this.#goOn(connection)
    }
  }

  /** Cuts what is left. */
  destroy(): void {
    for (const { socket } of this.#connections) socket.destroy()
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, {
      take: (buffer, length) => this.#take(connection, buffer, length),
      goOn: () => this.#goOn(connection),
      close: () => this.#connections.delete(connection),
    })
    this.#connections.add(connection)
  }

  #take(connection: Connection, buffer: Buffer, length: number): void {
    // The client may have been told already that there will be no more answers.
    if (connection.isEnding) return
    const text = buffer.toString('latin1', 0, length)
    let start = 0
    while (start < text.length) {
      const request = parseHotRequest(text, start, connection.knownHead)
      if (request === null) break
      connection.know(request.head)
      this.#count(connection, request.bannerId, request.head.origin)
      start = request.end
    }
    if (start < text.length) connection.leaveWith(buffer.subarray(start, length))
    this.#goOn(connection)
  }

  #count(connection: Connection, bannerId: number, origin: string | null): void {
    const outcome = this.#record(bannerId)
    if (this.#turn?.outcome !== outcome) this.#turn = this.#startTurn(outcome)
    const entry = connection.entryFor(this.#turn, origin)
    if (entry.clicks++ > 0) return
    this.#turn.entries.push(entry)
    // It may have been idle for longer than it may wait now.
    connection.activeAtMs = this.#turn.startedAtMs
  }

  /** Nobody would catch what is thrown here, and it would end the thread. */
  #record(bannerId: number): Promise<void> {
    try {
      return this.#options.recorder.record(bannerId, VALID, 1)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #startTurn(outcome: Promise<void>): Turn {
    const turn = { outcome, startedAtMs: performance.now(), entries: [] }
    outcome.then(
      () =>
        this.#settle(turn, 204, (persistence, origin) =>
          rawAnswer('204 No Content', clickHeaders(origin), persistence),
        ),
      error => this.#refuse(turn, error),
    )
    return turn
  }

  #refuse(turn: Turn, error: Error): void {
    const refusal = refusalOf(error)
    const { reportFailure } = this.#options
    const answer = refusal ?? Boom.internal()
    if (refusal === null) {
      // As Hapi's, but one for all clicks of the tick: they have failed together.
      const requestId = randomUUID()
      answer.output.headers['x-request-id'] = requestId
      reportFailure('clicks failed', error, requestId)
    } else if (error.cause !== undefined) reportFailure('clicks were refused', error.cause as Error, null)
    this.#settle(turn, answer.output.statusCode, (persistence, origin) =>
      rawError(answer, persistence, corsHeaders(origin)),
    )
  }

  #settle(turn: Turn, statusCode: number, answer: AnswerTo): void {
    // Or the connections of the last tick before a quiet night would be kept until the morning.
    if (this.#turn === turn) this.#turn = null
    const nowMs = performance.now()
    let origin = turn.entries[0]!.origin
    let kept = answer(KEPT_ALIVE, origin)
    let answered = 0
    for (const entry of turn.entries) {
      if (entry.origin !== origin) {
        origin = entry.origin
        kept = answer(KEPT_ALIVE, origin)
      }
      const { connection, clicks } = entry
      if (connection.socket.destroyed) continue
      const isLast = this.#isClosing && connection.endsWith(entry)
      if (isLast) connection.isEnding = true
      entry.answer = isLast ? kept.repeat(clicks - 1) + answer('close', origin) : kept.repeat(clicks)
      connection.activeAtMs = nowMs
      answered += clicks
      this.#goOn(connection)
    }
    this.#options.books.answer(statusCode, { kind: 'counting', ms: nowMs - turn.startedAtMs }, answered)
  }

  /** After all that happens to a connection: answers in their order, then what comes after the answers. */
  #goOn(connection: Connection): void {
    connection.writeAnswers()
    if (connection.isWaiting) connection.holdBack()
    else if (connection.isLeaving) this.#handOver(connection)
    else if (connection.isEnding || connection.socket.readableEnded) connection.socket.destroySoon()
    else connection.readOn()
  }

  #handOver(connection: Connection): void {
    this.#connections.delete(connection)
    connection.release()
    this.#serve(connection.socket)
    connection.socket.resume()
  }

  #timeOut(connection: Connection): void {
    this.#connections.delete(connection)
    connection.release()
    connection.socket.on('error', () => {})
    const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    this.#options.listener.emit('clientError', error, connection.socket)
  }

  /** What Node's own server does for its connections. */
  #sweep(): void {
    const nowMs = performance.now()
    for (const connection of this.#connections) {
      const idleMs = nowMs - connection.activeAtMs
      if (connection.isStuck) {
        if (idleMs > IDLE_TIMEOUT_MS) connection.socket.destroy()
      } else if (!connection.hasAsked) {
        if (idleMs > HEADERS_TIMEOUT_MS) this.#timeOut(connection)
      } else if (idleMs > KEEP_ALIVE_TIMEOUT_MS) connection.socket.destroy()
    }
  }
}
