import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import Boom from '@hapi/boom'
import type { ReportFailure } from '../../base/report-failure.ts'
import type { ThreadBooks } from '../../books/thread-books.ts'
import type { Client, Clients } from '../entrance/clients.ts'
import type { Entrance } from '../entrance/entrance.ts'
import type { FactReader, Facts } from '../entrance/facts.ts'
import { refusalOf } from '../entrance/refusal.ts'
import { type Answer, errorAnswer } from '../listener/answer.ts'
import { endWith, mistakeOf, tooLate } from '../listener/client-errors.ts'
import {
  HEADERS_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
} from '../listener/limits.ts'
import { type Sweep, sweep } from '../listener/sweep.ts'
import type { ClickLine } from './click-line.ts'
import { Connection, type ConnectionKeeper } from './connection.ts'
import { hotRequestParser } from './hot-request.ts'
import { TickAnswers } from './tick-answers.ts'

/** Of each request that the lane takes. */
const BEGINNING = /^[A-Z]+ \/(?:counter|click)\//
const BEGINNING_BYTES = 'DELETE /counter/'.length

interface HotLaneOptions {
  readonly factReader: FactReader
  readonly clients: Clients
  readonly entrance: Entrance
  readonly books: ThreadBooks
  /** Takes a connection over, as if it had just been accepted. It may come back, by `take`. */
  readonly handOver: (socket: Socket) => void
  readonly reportFailure: ReportFailure
}

/**
 * Answers clicks, and plain mistakes in them, ahead of the HTTP parser. A connection stays in the lane as long
 * as it brings nothing but requests of the shapes of hot-request.ts, each with its whole head in one piece,
 * and empty lines before them. With the first byte that is not part of these, the lane hands the connection
 * over to Node's HTTP server. It comes back with its next request of these shapes.
 *
 * Clicks of one tick are answered together, and so are all other requests of one turn of the event loop; with
 * one write a connection.
 */
export class HotLane {
  readonly #options: HotLaneOptions
  readonly #parse: ReturnType<typeof hotRequestParser>
  readonly #keeper: ConnectionKeeper = {
    take: (connection, buffer, length) => this.#takePiece(connection, buffer, length),
    goOn: connection => this.#goOn(connection),
    drop: connection => this.#connections.delete(connection),
  }
  readonly #connections = new Set<Connection>()
  readonly #sweep: Sweep
  /** To the clicks of this tick. */
  #clickAnswers: TickAnswers | null = null
  /** To the other requests of this turn. */
  #otherAnswers: TickAnswers | null = null
  /** By the error that many clicks share. To make an answer takes longer than to count a click. */
  readonly #refusals = new WeakMap<Error, Answer>()
  #isClosing = false
  #hasReportedWire = false

  constructor(options: HotLaneOptions) {
    this.#options = options
    this.#parse = hotRequestParser(options.factReader)
    this.#sweep = sweep(this.#connections, connection => this.#endLate(connection))
  }

  /** Whether `piece` begins with the whole head of a request that the lane takes. */
  isForLane(piece: Buffer): boolean {
    // The beginning first: to make a text of a bulk's whole body would cost 3 % of the bulk.
    return (
      BEGINNING.test(piece.toString('latin1', 0, BEGINNING_BYTES)) &&
      this.#parse(piece.toString('latin1'), 0, null) !== null
    )
  }

  /** Takes a connection over: it must have no other reader, and earlier bytes must have been unshifted. */
  take(socket: Socket): void {
    const connection = new Connection(socket, this.#keeper)
    this.#connections.add(connection)
    if (!connection.isDirect && !this.#hasReportedWire) this.#reportWire()
    // One that comes back is paused. Resumed after the listeners are there: its bytes would be lost.
    connection.readOn()
  }

  /** From here on, every connection ends with its next answer. */
  close(): void {
    this.#isClosing = true
  }

  /** Ends idle connections, each once its answers have left. The others end with the answers that they wait for. */
  endIdle(): void {
    for (const connection of this.#connections) {
      if (!connection.isIdle) continue
      connection.isEnding = true
      this.#goOn(connection)
    }
  }

  /** Cuts what is left. */
  destroy(): void {
    this.#sweep.stop()
    for (const connection of this.#connections) connection.destroy()
  }

  #takePiece(connection: Connection, buffer: Buffer, length: number): void {
    // The client may have been told that no more answers come: a click from here on must not be counted.
    if (connection.isEnding) return
    const bodyEnd = this.#takeBody(connection, length)
    const text = buffer.toString('latin1', bodyEnd, length)
    let start = 0
    while (start < text.length && !connection.hasEnough) {
      const request = this.#parse(text, start, connection.knownHead)
      if (request === null) {
        // Some clients send an empty line behind a body, and that begins no request: RFC 9112, section 2.2.
        if (!text.startsWith('\r\n', start)) break
        start += 2
        continue
      }
      const facts = connection.remember(request.head)
      start = request.end
      if (start <= text.length) this.#take(connection, request.line, facts)
      else connection.awaitBody(request.line, facts, start - text.length)
    }
    if (start < text.length) connection.leaveWith(buffer.subarray(bodyEnd + start, length))
    this.#goOn(connection)
  }

  /** Passes over the body that is arriving; nobody reads it. Returns the index in the piece behind it. */
  #takeBody(connection: Connection, length: number): number {
    const { arriving } = connection
    if (arriving === null) return 0
    const bytes = Math.min(arriving.missingBytes, length)
    arriving.missingBytes -= bytes
    if (arriving.missingBytes === 0) {
      connection.arriving = null
      this.#take(connection, arriving.line, arriving.facts)
    }
    return bytes
  }

  /** Takes a request that has arrived in full. */
  #take(connection: Connection, line: ClickLine, facts: Facts): void {
    if (line.refusal !== null) {
      this.#answersToOthers().add(connection, line.refusal, facts.origin)
      return
    }
    const { entrance } = this.#options
    const client = this.#clientOf(connection, facts)
    const ruling = entrance.rule(line.form, line.bannerId, line.query, facts, client)
    const outcome = entrance.enter(line.bannerId, ruling, facts, client)
    const answers = outcome === null ? this.#answersToOthers() : this.#answersToClicks(outcome)
    answers.add(connection, ruling, facts.origin)
  }

  /** Made once for a head that the connection sends again. */
  #clientOf(connection: Connection, facts: Facts): Client {
    const { clients } = this.#options
    const known = connection.client
    if (known !== null && clients.isCurrent(known)) return known
    return (connection.client = clients.of(connection.socket.remoteAddress, facts))
  }

  #answersToClicks(outcome: Promise<void>): TickAnswers {
    if (this.#clickAnswers?.outcome !== outcome) this.#clickAnswers = this.#startAnswers(outcome)
    return this.#clickAnswers
  }

  #answersToOthers(): TickAnswers {
    return (this.#otherAnswers ??= this.#startAnswers(endOfTurn()))
  }

  #startAnswers(outcome: Promise<void>): TickAnswers {
    const answers = new TickAnswers(outcome)
    outcome.then(
      () => this.#settle(answers, null),
      error => this.#settle(answers, this.#refusalFor(error)),
    )
    return answers
  }

  /** Clicks that fail together have one error, and so one answer for all of them. */
  #refusalFor(error: Error): Answer {
    const { reportFailure } = this.#options
    const known = this.#refusals.get(error)
    if (known !== undefined) return known
    const refusal = refusalOf(error)
    if (refusal !== null) {
      if (error.cause !== undefined) reportFailure('clicks were refused', error.cause as Error, null)
      const answer = errorAnswer(refusal)
      this.#refusals.set(error, answer)
      return answer
    }
    const failure = Boom.internal()
    const requestId = randomUUID()
    failure.output.headers['x-request-id'] = requestId
    reportFailure('clicks failed', error, requestId)
    return errorAnswer(failure)
  }

  #settle(answers: TickAnswers, refusal: Answer | null): void {
    // Otherwise their connections would stay in memory until the next request.
    if (this.#clickAnswers === answers) this.#clickAnswers = null
    if (this.#otherAnswers === answers) this.#otherAnswers = null
    answers.settle(refusal, {
      isClosing: this.#isClosing,
      books: this.#options.books,
      goOn: connection => this.#goOn(connection),
    })
  }

  /** Called after everything that happens to a connection. Writes answers, then does what is due. */
  #goOn(connection: Connection): void {
    connection.writeAnswers()
    // The rest is due when its client has read: nobody else may write before that.
    if (connection.isBlocked) return
    if (connection.isWaiting) connection.holdBack()
    else if (connection.isLeaving) this.#handOver(connection)
    else if (connection.arriving !== null && connection.hasEnded) this.#endWith(connection, mistakeOf())
    else if (connection.isEnding || connection.hasEnded) connection.end()
    else connection.readOn()
  }

  #handOver(connection: Connection): void {
    // It may be handed over already: #goOn is called once for each run.
    if (!this.#connections.delete(connection)) return
    // First: otherwise the lane would read beside the next reader, and clicks would count twice.
    connection.release()
    this.#options.handOver(connection.socket)
  }

  /** Answers what has not become a request, and ends the connection. */
  #endWith(connection: Connection, error: Boom.Boom): void {
    // As in #handOver.
    if (!this.#connections.delete(connection)) return
    connection.release()
    connection.socket.on('error', () => {}).resume()
    endWith(connection.socket, error, this.#options.books)
  }

  /** One that has sent no request: at most empty lines, or nothing, which gets no answer (see limits.ts). */
  #endBeginner(connection: Connection): void {
    if (connection.socket.bytesRead > 0) this.#endWith(connection, tooLate())
    else connection.destroy()
  }

  #reportWire(): void {
    this.#hasReportedWire = true
    const error = new Error('this Node has no way past its streams; every click costs a fifth more')
    this.#options.reportFailure('the hot lane does without its direct wire', error, null)
  }

  /** Ends a connection whose time is over, as Node's HTTP server does with its own. Returns whether it was. */
  #endLate(connection: Connection): boolean {
    const nowMs = performance.now()
    const idleMs = nowMs - connection.activeAtMs
    if (connection.isStuck) {
      if (idleMs <= IDLE_TIMEOUT_MS) return false
      connection.destroy()
    } else if (connection.arriving !== null) {
      if (nowMs - connection.arriving.startedAtMs <= REQUEST_TIMEOUT_MS) return false
      this.#endWith(connection, tooLate())
    } else if (!connection.hasSentRequest) {
      if (idleMs <= HEADERS_TIMEOUT_MS) return false
      this.#endBeginner(connection)
    } else {
      if (idleMs <= KEEP_ALIVE_TIMEOUT_MS) return false
      connection.destroy()
    }
    return true
  }
}
