import type { Socket } from 'node:net'
import type { Client } from '../entrance/clients.ts'
import type { Facts } from '../entrance/facts.ts'
import type { Answer } from '../listener/answer.ts'
import type { ClickLine } from './click-line.ts'
import type { Head } from './head.ts'
import { openWire } from './open-wire.ts'
import type { Wire, WireUser } from './wire.ts'

/** A longer head is not remembered: many connections must not hold much memory. */
const MAX_KNOWN_HEAD_LENGTH = 4096
/**
 * A connection with so many unanswered requests is not read. The kernel may hold megabytes more of them, and
 * their answers would be longer still.
 */
const ENOUGH_REQUESTS = 1000
/**
 * Of one piece, no more requests are taken once their answers have so many bytes, without the headers that all answers
 * have. A piece holds 2000 requests, and an answer that leads on may have 3 KiB.
 */
const ENOUGH_ANSWER_BYTES = 2 ** 19

/** Consecutive requests of one connection that get the same answer at the same moment. */
export interface Run {
  readonly connection: Connection
  /** The TickAnswers that has the run. */
  readonly tickAnswers: object
  readonly answer: Answer
  readonly origin: string | null
  requests: number
  /** The answers to all its requests, as latin1: `answer`, or a refusal. null: not known yet. */
  text: string | null
  /** The connection's next run. */
  next: Run | null
}

/** A request whose head has been read, and whose body is arriving. */
interface ArrivingRequest {
  readonly line: ClickLine
  readonly facts: Facts
  /** Bytes of its body that have not come. */
  missingBytes: number
  /** By performance.now(). */
  readonly startedAtMs: number
}

/** The lane, as its connections know it. */
export interface ConnectionKeeper {
  /** Must have used the bytes when it returns: the next piece of any connection overwrites them. */
  take(connection: Connection, buffer: Buffer, length: number): void
  /** Called when the client has ended its half, or reads again. */
  goOn(connection: Connection): void
  /** Called when the connection is closed. */
  drop(connection: Connection): void
}

/** The head that was remembered last. Most connections of a thread send the same few heads. */
let lastHead: Head | null = null

/**
 * One connection while it is in the hot lane.
 *
 * With thousands of connections, each click finds its connection outside of the processor's cache. So a click
 * touches few objects: a wire and flags here instead of the socket and its streams, runs in a list instead of an
 * array, one head for all connections that send the same, and no fraction, which V8 keeps in an object of its own.
 */
export class Connection implements WireUser {
  /** The unanswered runs, in the order of their arrival. */
  #firstRun: Run | null = null
  #lastRun: Run | null = null
  /** Of answers to requests that came since all were answered. */
  #answerBytes = 0
  readonly #wire: Wire
  readonly #keeper: ConnectionKeeper
  /** A head that was found harmless on this connection; see hot-request.ts. */
  knownHead: Head | null = null
  /** Who has sent the head that was read last. null: nobody has asked. */
  client: Client | null = null
  arriving: ArrivingRequest | null = null
  /** By wholeNowMs(): when the lane took the connection, or it sent a request or got an answer last. */
  activeAtMs = wholeNowMs()
  hasSentRequest = false
  /** The client has ended its half. */
  hasEnded = false
  /** The next bytes are not for the lane. They wait in the socket until earlier requests are answered. */
  isLeaving = false
  /** The connection closes after its last answer. What the client still sends is not read. */
  isEnding = false
  /** Answers wait for a client that does not read them. Later ones wait here, and nothing is read. */
  isBlocked = false
  /** Nothing can be written any more, and what was not answered will not be. */
  isGone = false
  #isPaused: boolean
  readonly socket: Socket
  readonly #listeners: readonly (readonly [event: string, (piece: Buffer) => void])[]

  constructor(socket: Socket, keeper: ConnectionKeeper) {
    this.socket = socket
    this.#keeper = keeper
    // One that comes back from Node's HTTP server is paused.
    this.#isPaused = socket.isPaused()
    this.#listeners = [
      ['data', piece => this.take(piece, piece.length)],
      ['end', () => this.#noteEnd()],
      ['drain', () => this.goOnWriting()],
      // The client has gone away before its answer came. Its clicks are counted.
      ['error', () => this.#noteGone()],
      ['close', () => this.#noteClose()],
    ]
    this.#wire = openWire(socket, this)
    for (const [event, listener] of this.#listeners) socket.on(event, listener)
  }

  /** See Wire. */
  get isDirect(): boolean {
    return this.#wire.isDirect
  }

  /** Every request has its answer, which may wait to be written, and none has begun. */
  get isIdle(): boolean {
    return (this.#lastRun === null || this.#lastRun.text !== null) && this.arriving === null
  }

  get isWaiting(): boolean {
    return this.#firstRun !== null
  }

  /** Requests wait for their answers, or answers wait for a client that does not read them. */
  get isStuck(): boolean {
    return this.isWaiting || this.isBlocked
  }

  /** No more requests of this piece are to be taken. */
  get hasEnough(): boolean {
    return this.#answerBytes >= ENOUGH_ANSWER_BYTES
  }

  /**
   * To be called with each head, before its request is taken: another head may be another client's. Returns the facts
   * to go by. They hold on to no piece, wherever they are kept.
   */
  remember(head: Head): Facts {
    if (head === this.knownHead) return head.facts
    this.client = null
    this.knownHead = null
    if (head.text.length > MAX_KNOWN_HEAD_LENGTH) return copyOfFacts(head.facts)
    if (lastHead?.text !== head.text)
      lastHead = { ...head, text: copyOf(head.text), facts: copyOfFacts(head.facts) }
    this.knownHead = lastHead
    return lastHead.facts
  }

  /** Keeps a request until the rest of its body has come. `facts`: of `remember`. */
  awaitBody(line: ClickLine, facts: Facts, missingBytes: number): void {
    this.arriving = { line, facts, missingBytes, startedAtMs: performance.now() }
  }

  /** The run that the next request belongs to: that of the request before, or a new one. */
  runFor(tickAnswers: object, answer: Answer, origin: string | null): Run {
    this.hasSentRequest = true
    this.#answerBytes += answer.beginning.length + answer.body.length
    const last = this.#lastRun
    if (last?.tickAnswers === tickAnswers && last.answer === answer && last.origin === origin) return last
    const run = { connection: this, tickAnswers, answer, origin, requests: 0, text: null, next: null }
    if (last === null) this.#firstRun = run
    else last.next = run
    this.#lastRun = run
    return run
  }

  /** Whether the run has the last answer: nothing waits behind it, for the lane or for the next reader. */
  endsWith(run: Run): boolean {
    return !this.isLeaving && this.arriving === null && this.#lastRun === run
  }

  take(buffer: Buffer, length: number): void {
    this.#keeper.take(this, buffer, length)
  }

  goOnWriting(): void {
    this.isBlocked = false
    this.#keeper.goOn(this)
  }

  /** Writes answers in the order of their requests, up to the first that is not known yet. */
  writeAnswers(): void {
    if (this.isBlocked) return
    let answers = ''
    let run = this.#firstRun
    for (; run !== null && run.text !== null; run = run.next) answers += run.text
    this.#firstRun = run
    if (run === null) {
      this.#lastRun = null
      this.#answerBytes = 0
    }
    if (answers === '' || this.#wire.write(answers)) return
    this.isBlocked = true
    this.#pause()
  }

  /**
   * Gives the rest back to the socket, which holds it for the next reader. This happens at once, even while
   * requests wait for their answers: the socket tells of the client's end once all its bytes are read, and
   * after that it takes nothing back.
   */
  leaveWith(rest: Buffer): void {
    this.isLeaving = true
    // Before the unshift: a socket that flows would emit the rest to the lane again.
    this.#leaveReading()
    this.socket.unshift(Buffer.from(rest))
  }

  /** Stops reading while two runs or many requests wait for answers: more of them would only pile up. */
  holdBack(): void {
    if (this.#firstRun !== this.#lastRun || this.#firstRun!.requests >= ENOUGH_REQUESTS) this.#pause()
  }

  readOn(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.socket.resume()
  }

  /** Closes the connection when all is written. Not twice: each destroySoon would add a listener. */
  end(): void {
    if (!this.socket.writableEnded) this.socket.destroySoon()
  }

  /** Cuts the connection. */
  destroy(): void {
    this.isGone = true
    this.socket.destroy()
  }

  /** Makes the socket what it was when it was accepted: without listeners, and not flowing. */
  release(): void {
    for (const [event, listener] of this.#listeners) this.socket.off(event, listener)
    this.#leaveReading()
  }

  /**
   * From now on, what the connection reads goes to the stream, which is paused: if it flowed, it would be
   * lost without a reader.
   */
  #leaveReading(): void {
    this.socket.pause()
    this.#wire.leaveReading()
  }

  #pause(): void {
    this.#isPaused = true
    this.socket.pause()
  }

  #noteEnd(): void {
    this.hasEnded = true
    this.#keeper.goOn(this)
  }

  #noteGone(): void {
    this.isGone = true
  }

  #noteClose(): void {
    this.isGone = true
    this.#keeper.drop(this)
  }
}

/** performance.now() without its fraction. */
function wholeNowMs(): number {
  return Math.trunc(performance.now())
}

function copyOfFacts(facts: Facts): Facts {
  const { origin, userAgent, forwardedFor } = facts
  return {
    ...facts,
    origin: origin === null ? null : copyOf(origin),
    userAgent: copyOf(userAgent),
    forwardedFor: forwardedFor === undefined ? undefined : copyOf(forwardedFor),
  }
}

/**
 * V8 keeps a whole string in memory for each part of it. Here that is all that came in the same piece. To take a part of
 * a longer one, V8 first writes that one out. A way through a Buffer takes three times as long.
 */
function copyOf(text: string): string {
  return ` ${text}`.slice(1)
}
