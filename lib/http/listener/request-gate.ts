import type http from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import {
  HEADERS_TIMEOUT_MS,
  LONG_BODY_BYTES_PER_SECOND,
  MOST_UNANSWERED,
  REQUEST_TIMEOUT_MS,
} from './limits.ts'
import { RequestFraming } from './request-framing.ts'
import { RequestLine } from './request-line.ts'

/** Reads connections ahead of the gate. */
export interface Lane {
  /** Whether `piece` begins with the whole head of a request that the lane takes. */
  readonly isForLane: (piece: Buffer) => boolean
  /** Takes a connection over: it must have no other reader, and earlier bytes must have been unshifted. */
  readonly take: (socket: Socket) => void
}

/**
 * A connection as Node's HTTP server sees it. The server gets one head and one body at a time, so that
 * - it reads request lines as this service does, see request-line.ts;
 * - nothing is read, and so nothing counted, after a request whose answer may be the connection's last;
 * - no connection has many unanswered requests;
 * - the server is told of the client's end after it has answered what came before.
 */
export class RequestGate extends Duplex {
  readonly #socket: Socket
  readonly #lane: Lane | null
  readonly #listeners: readonly Parameters<Socket['on']>[]
  /** The lane has the connection again. */
  #isBack = false
  readonly #framing = new RequestFraming()
  /** null: the line has been read, and the rest of its request comes. */
  #line: RequestLine | null = new RequestLine()
  /**
   * By performance.now(): when the request that is being read began. For the first one: when this gate was
   * made. null: between requests.
   */
  #startedAtMs: number | null = performance.now()
  /** The answer to the request that is being read. null: the parser is not through with its head. */
  #answer: http.ServerResponse | null = null
  /** What the socket had read when the request in hand was allowed a long body. null: it is not. */
  #longBodyFromByte: number | null = null
  /** The answer to the request before, if the connection may end with it. */
  #lastAnswer: http.ServerResponse | null = null
  /** A mistake of its client has been answered, or is going to be. */
  isRefused = false
  /** Answers that are not sent whole, in the order of their requests. */
  readonly #unanswered: http.ServerResponse[] = []
  #isInBody = false
  /** The parser was not at the end that was foreseen, so it must have met a mistake. */
  #isLost = false
  /** The client has ended its half, and the server has not been told. */
  #isEndDue = false

  /**
   * The socket must have no other reader. `lane`: gets it back with the next request that is for the lane;
   * null: nobody does.
   */
  constructor(socket: Socket, lane: Lane | null) {
    super({ allowHalfOpen: true, decodeStrings: false })
    this.#socket = socket
    this.#lane = lane
    this.#listeners = [
      ['data', (piece: Buffer) => this.#take(piece)],
      ['end', () => this.#takeEnd()],
      ['timeout', () => this.emit('timeout')],
      ['error', (error: Error) => this.destroy(error)],
      ['close', () => this.destroy()],
    ]
    for (const [event, listener] of this.#listeners) socket.on(event, listener)
    // Node's server had paused this stream, and goes on reading.
    this.on('resume', () => this.#readOn())
  }

  /** As of a socket. Node's server and Hapi read them. */
  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort
  }

  /** The answer to the oldest request that is not answered whole. */
  get firstUnanswered(): http.ServerResponse | undefined {
    return this.#unanswered[0]
  }

  /** No request has begun, none waits in the socket, and none waits for its answer. */
  get isIdle(): boolean {
    return this.#hasNothingInHand && this.#socket.readableLength === 0
  }

  get #hasNothingInHand(): boolean {
    return this.#unanswered.length === 0 && !this.#isInRequest
  }

  /**
   * All before the piece in hand has been answered, and no other piece waits behind it: the lane would read
   * later bytes before those. false before the first request: the lane has just refused that one.
   */
  get #mayGoBack(): boolean {
    return this.#startedAtMs === null && this.#hasNothingInHand && this.#socket.readableLength === 0
  }

  get #isInRequest(): boolean {
    return this.#answer !== null || this.#line === null || this.#line.hasBegun
  }

  /** Whether the request that is being read has taken too long to arrive. */
  isLate(nowMs: number): boolean {
    if (this.#startedAtMs === null || !this.writable) return false
    return nowMs - this.#startedAtMs > (this.#answer === null ? HEADERS_TIMEOUT_MS : this.#requestTimeoutMs)
  }

  /** Whether the client has sent no byte on this connection. */
  get isSilent(): boolean {
    return this.#socket.bytesRead === 0
  }

  get #requestTimeoutMs(): number {
    if (this.#longBodyFromByte === null) return REQUEST_TIMEOUT_MS
    const bytes = this.#socket.bytesRead - this.#longBodyFromByte
    return REQUEST_TIMEOUT_MS + (bytes / LONG_BODY_BYTES_PER_SECOND) * 1000
  }

  /** The request with this answer may take longer to arrive, as long as its body keeps coming. */
  allowLongBody(answer: http.ServerResponse): void {
    // Otherwise its body has come, and the next request would be allowed what this one was.
    if (this.#answer === answer) this.#longBodyFromByte = this.#socket.bytesRead
  }

  /** The parser is through with a head, and this is its answer. */
  know(answer: http.ServerResponse): void {
    this.#answer = answer
    this.#unanswered.push(answer)
    answer.once('close', () => {
      this.#unanswered.splice(this.#unanswered.indexOf(answer), 1)
      this.#passEnd()
      this.#readOn()
    })
  }

  /** Node's server is done with the connection. The rest is read and dropped: unread bytes would reset it. */
  discardRest(): void {
    this.#startedAtMs = null
    this.resume()
  }

  setTimeout(timeoutMs: number): this {
    this.#socket.setTimeout(timeoutMs)
    return this
  }

  /** As of a socket: closes the connection when everything is written, and does not wait for the client. */
  destroySoon(): void {
    this.end(() => this.destroy())
  }

  /** Nothing to do: bytes are pushed as they come, while this stream flows. */
  override _read(): void {}

  override _write(
    chunk: Buffer | string,
    encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.write(chunk, encoding, done)
  }

  override _writev(
    chunks: readonly { chunk: Buffer | string; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.cork()
    for (const [nth, { chunk, encoding }] of chunks.entries())
      if (nth === chunks.length - 1) this.#socket.write(chunk, encoding, done)
      else this.#socket.write(chunk, encoding)
    this.#socket.uncork()
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isBack) this.#socket.destroy()
    done(error)
  }

  #take(piece: Buffer): void {
    for (let rest = piece; rest.length > 0; ) {
      // Nothing more can be answered, so nothing more is counted.
      if (!this.writable) return
      if (this.readableFlowing !== true || this.#hasEnough()) {
        // Paused before the unshift: a socket that flows would emit the rest again at once.
        this.#socket.pause()
        this.#socket.unshift(rest)
        return
      }
      if (this.#lane !== null && this.#mayGoBack && this.#lane.isForLane(rest)) {
        this.#goBack(this.#lane, rest)
        return
      }
      rest = rest.subarray(this.#takeSome(rest))
    }
  }

  /** Gives the connection and `rest`, of which Node's server has seen nothing, back to the lane. */
  #goBack(lane: Lane, rest: Buffer): void {
    // 1. Nothing of the gate stays on the socket: its listeners would keep every gate of a connection in memory,
    //    and the server's timer would run on for nobody.
    for (const [event, listener] of this.#listeners) this.#socket.off(event, listener)
    this.#socket.setTimeout(0)
    // 2. Paused until the lane resumes it: a socket that flows without a reader loses what it reads.
    this.#socket.pause()
    this.#socket.unshift(rest)
    // 3. To Node's server the connection closes between two requests: it frees the parser, and aborts nothing.
    //    Marked before: otherwise this would close the socket, too.
    this.#isBack = true
    this.destroy()
    // 4. Last: the lane reads on at once.
    lane.take(this.#socket)
  }

  #takeEnd(): void {
    this.#isEndDue = true
    this.#passEnd()
  }

  /** false within a request: its rest is always read, because its time runs. */
  #hasEnough(): boolean {
    const isInRequest = this.#answer !== null
    return !isInRequest && (this.#unanswered.length >= MOST_UNANSWERED || this.#lastAnswer?.closed === false)
  }

  #readOn(): void {
    if (this.readableFlowing === true && this.#socket.isPaused() && !this.#hasEnough()) this.#socket.resume()
  }

  /**
   * Tells the server of the client's end. The server then ends the connection, so it is told after the last
   * answer. In the middle of a request it is told at once: the rest will not come, and that is a mistake. After
   * another mistake it is not: the server would take the end for a good one, and cut the answers before it.
   */
  #passEnd(): void {
    const isMistake = this.#isInRequest && !this.isRefused
    if (!this.#isEndDue || !(isMistake || this.#unanswered.length === 0)) return
    this.#isEndDue = false
    this.push(null)
  }

  /** Pushes `piece`, but not beyond the end of a head or of a body. Returns how many bytes it pushed. */
  #takeSome(piece: Buffer): number {
    const lineEnd = this.#line?.read(piece) ?? 0
    if (this.#line?.hasBegun) this.#startedAtMs ??= performance.now()
    const end = lineEnd < 0 || this.#isLost ? -1 : this.#framing.end(piece, lineEnd)
    const some = end < 0 ? piece : piece.subarray(0, end)
    // This stream flows and holds nothing back, so the parser has read the bytes when push returns. The steps
    // below need that: they look at what it made of them.
    this.push(this.#line?.changed(some) ?? some)
    if (lineEnd >= 0) this.#line = null
    if (end >= 0) this.#goOn()
    return some.length
  }

  #goOn(): void {
    const answer = this.#answer
    if (answer?.req.complete) {
      this.#lastAnswer = mayBeLast(answer) ? answer : null
      this.#answer = null
      this.#longBodyFromByte = null
      this.#startedAtMs = null
      this.#isInBody = false
      this.#line = new RequestLine()
      this.#framing.startHead()
    } else if (answer === null || this.#isInBody) this.#isLost = true
    else {
      this.#isInBody = true
      this.#framing.startBody(answer.req.headers)
    }
  }
}

/**
 * Node closes the connection after some answers to HTTP/1.0, and after an answer without 100 Continue to a request
 * that expects it. It knows that only when it sends the answer.
 */
function mayBeLast(answer: http.ServerResponse): boolean {
  const { httpVersion, headers } = answer.req
  return httpVersion === '1.0' || headers.expect !== undefined || answer.getHeader('connection') === 'close'
}
