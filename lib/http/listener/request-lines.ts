import type http from 'node:http'
import type { Socket } from 'node:net'
import { RequestFraming } from './request-framing.ts'
import { RequestLine } from './request-line.ts'

type Parse = (piece: Buffer) => void

/** Of one connection, at the same time. Each may be 60 bytes and hold a compressor, half a megabyte. */
export const MOST_UNANSWERED = 10

/**
 * Gives Node's parser one head and one body at a time, so that
 * - it gets request lines of which it thinks as this server does, see request-line.ts;
 * - nothing is read, and so nothing counted, behind a request whose answer may be the connection's last;
 * - no connection has many requests in hand.
 */
export function readRequestLines(listener: http.Server): void {
  const readers = new WeakMap<Socket, RequestReader>()
  // Behind Node's own listener, which sets the parser up.
  listener.on('connection', socket => {
    const [parse] = socket.listeners('data') as [Parse]
    socket.off('data', parse)
    const reader = new RequestReader(socket, parse)
    readers.set(socket, reader)
    socket.on('data', (piece: Buffer) => reader.take(piece))
  })
  for (const event of ['request', 'checkContinue'])
    listener.on(event, ({ socket }: http.IncomingMessage, answer: http.ServerResponse) =>
      readers.get(socket)?.know(answer),
    )
  listener.on('connect', ({ socket }) => readers.get(socket)?.stop())
}

class RequestReader {
  readonly #socket: Socket
  readonly #framing = new RequestFraming()
  #parse: Parse
  /** null: it has been read, and what comes is the rest of its request. */
  #line: RequestLine | null = new RequestLine()
  /** To the request that is being read, once the parser is through with its head. */
  #answer: http.ServerResponse | null = null
  /** To the request before, if the connection may end with it. */
  #lastAnswer: http.ServerResponse | null = null
  #unanswered = 0
  #isWaiting = false
  #isInBody = false
  /** The parser has come to something else than was foreseen: to a mistake. */
  #isLost = false

  constructor(socket: Socket, parse: Parse) {
    this.#socket = socket
    this.#parse = parse
  }

  know(answer: http.ServerResponse): void {
    this.#answer = answer
    this.#unanswered++
    answer.once('close', this.#settle)
  }

  readonly #settle = (): void => {
    this.#unanswered--
    if (!this.#isWaiting || this.#hasEnough()) return
    this.#isWaiting = false
    this.#socket.resume()
  }

  /** The parser is another connection's by now. */
  stop(): void {
    this.#parse = () => {}
  }

  take(piece: Buffer): void {
    for (let rest = piece; rest.length > 0; ) {
      // It could not be answered.
      if (!this.#socket.writable) return
      if (this.#mustWait()) {
        this.#socket.unshift(rest)
        return
      }
      rest = rest.subarray(this.#takeSome(rest))
    }
  }

  /** For the client to read its answers, or for answers to be given. */
  #mustWait(): boolean {
    if (this.#socket.isPaused()) return true
    if (!this.#hasEnough()) return false
    this.#isWaiting = true
    this.#socket.pause()
    return true
  }

  /** The rest of a request that has begun is always read: the time for it runs. */
  #hasEnough(): boolean {
    const isBetweenRequests = this.#answer === null
    return isBetweenRequests && (this.#unanswered >= MOST_UNANSWERED || this.#lastAnswer?.closed === false)
  }

  /** All, or up to the end of a head or of a body. Returns how many bytes those were. */
  #takeSome(piece: Buffer): number {
    const lineEnd = this.#line?.read(piece) ?? 0
    const end = lineEnd < 0 || this.#isLost ? -1 : this.#framing.end(piece, lineEnd)
    const some = end < 0 ? piece : piece.subarray(0, end)
    this.#parse(this.#line?.changed(some) ?? some)
    if (lineEnd >= 0) this.#line = null
    if (end >= 0) this.#goOn()
    return some.length
  }

  #goOn(): void {
    const answer = this.#answer
    if (answer?.req.complete) {
      this.#lastAnswer = mayBeLast(answer) ? answer : null
      this.#answer = null
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

/** Node closes behind some answers to HTTP/1.0, and knows of which only when it sends them. */
function mayBeLast(answer: http.ServerResponse): boolean {
  return answer.req.httpVersion === '1.0' || answer.getHeader('connection') === 'close'
}
