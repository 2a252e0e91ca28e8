import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import Boom from '@hapi/boom'
import type { ThreadBooks } from '../../books/thread-books.ts'
import { NO_CONTENT } from '../entrance/answers.ts'
import { type Entrance, FACT_FIELDS } from '../entrance/entrance.ts'
import { refusalOf } from '../entrance/refusal.ts'
import { type Answer, errorAnswer } from '../listener/answer.ts'
import { endWith, tooLate } from '../listener/client-errors.ts'
import {
  HEADERS_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  SWEEP_INTERVAL_MS,
} from '../listener/limits.ts'
import { Connection } from './connection.ts'
import { type HotRequest, hotRequestParser } from './hot-request.ts'
import { Tick } from './tick.ts'

const parseHotRequest = hotRequestParser(FACT_FIELDS)

interface HotLaneOptions {
  readonly entrance: Entrance
  readonly books: ThreadBooks
  /** Takes a connection over for good, as if it had just been accepted. */
  readonly handOver: (socket: Socket) => void
  /** To be told to operators: clicks were refused for a reason that is not the client's. */
  readonly reportFailure: (what: string, error: Error, requestId: string | null) => void
}

/**
 * Answers clicks ahead of the HTTP parser. A connection stays in the lane as long as everything on it is whole
 * requests of the one shape of hot-request.ts. With the first other byte, and all that follow, it is handed over to
 * Node's HTTP server for good.
 *
 * Clicks of one tick are answered together, with one write a connection.
 */
export class HotLane {
  readonly #options: HotLaneOptions
  readonly #connections = new Set<Connection>()
  readonly #sweepTimer: NodeJS.Timeout
  #tick: Tick | null = null
  #isClosing = false
  #hasToldOfReading = false

  constructor(options: HotLaneOptions) {
    this.#options = options
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS).unref()
  }

  /** A connection that nobody has read from yet. */
  take(socket: Socket): void {
    const connection = new Connection(socket, {
      take: (buffer, length) => this.#takePiece(connection, buffer, length),
      goOn: () => this.#goOn(connection),
      close: () => this.#connections.delete(connection),
    })
    this.#connections.add(connection)
    if (!connection.isReadShared && !this.#hasToldOfReading) this.#tellOfReading()
  }

  /** From here on, every connection ends with its next answer. */
  close(): void {
    this.#isClosing = true
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
    clearInterval(this.#sweepTimer)
    for (const { socket } of this.#connections) socket.destroy()
  }

  #takePiece(connection: Connection, buffer: Buffer, length: number): void {
    // The client may have been told that no more answers come.
    if (connection.isEnding) return
    const text = buffer.toString('latin1', 0, length)
    let start = 0
    while (start < text.length) {
      const request = parseHotRequest(text, start, connection.knownHead)
      if (request === null) break
      connection.know(request.head)
      this.#count(connection, request)
      start = request.end
    }
    if (start < text.length) connection.leaveWith(buffer.subarray(start, length))
    this.#goOn(connection)
  }

  #count(connection: Connection, { bannerId, head: { facts } }: HotRequest): void {
    const outcome = this.#options.entrance.enter(bannerId, facts)
    if (this.#tick?.outcome !== outcome) this.#tick = this.#startTick(outcome)
    this.#tick.add(connection, NO_CONTENT, facts.origin)
  }

  #startTick(outcome: Promise<void>): Tick {
    const tick = new Tick(outcome)
    outcome.then(
      () => this.#settle(tick, null),
      error => this.#settle(tick, this.#refusalFor(error)),
    )
    return tick
  }

  /** One answer for all clicks of the tick: they have failed together. */
  #refusalFor(error: Error): Answer {
    const { reportFailure } = this.#options
    const refusal = refusalOf(error)
    if (refusal !== null) {
      if (error.cause !== undefined) reportFailure('clicks were refused', error.cause as Error, null)
      return errorAnswer(refusal)
    }
    const failure = Boom.internal()
    const requestId = randomUUID()
    failure.output.headers['x-request-id'] = requestId
    reportFailure('clicks failed', error, requestId)
    return errorAnswer(failure)
  }

  #settle(tick: Tick, refusal: Answer | null): void {
    // Without this, the connections of the last tick before a quiet night would stay in memory until the morning.
    if (this.#tick === tick) this.#tick = null
    tick.settle(refusal, {
      isClosing: this.#isClosing,
      books: this.#options.books,
      goOn: connection => this.#goOn(connection),
    })
  }

  /** To be called after all that happens to a connection: writes answers in their order, then does what is due. */
  #goOn(connection: Connection): void {
    connection.writeAnswers()
    if (connection.isWaiting) connection.holdBack()
    else if (connection.isLeaving) this.#handOver(connection)
    else if (connection.isEnding || connection.socket.readableEnded) connection.socket.destroySoon()
    else connection.readOn()
  }

  #handOver(connection: Connection): void {
    // It may be gone: a connection with several answers of one tick goes on once for each.
    if (!this.#connections.delete(connection)) return
    // Released first: the lane would read on beside the next reader, and count clicks twice.
    connection.release()
    this.#options.handOver(connection.socket)
  }

  #timeOut(connection: Connection): void {
    this.#connections.delete(connection)
    connection.release()
    connection.socket.on('error', () => {}).resume()
    endWith(connection.socket, tooLate(), this.#options.books)
  }

  #tellOfReading(): void {
    this.#hasToldOfReading = true
    const error = new Error('this Node keeps the buffer elsewhere; every click costs a ninth more')
    this.#options.reportFailure('the hot lane reads without its shared buffer', error, null)
  }

  /** Ends connections whose time is over, as Node's HTTP server does with its own. */
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
