import type { Socket } from 'node:net'
import type { Answer } from '../listener/answer.ts'
import type { Head } from './hot-request.ts'
import { readToShared, readToStream, type TakePiece } from './read-buffer.ts'

/** A head longer than this is not remembered, so that many connections cannot hold much memory with theirs. */
const MAX_KNOWN_HEAD_LENGTH = 4096
/** One connection's, unanswered. The kernel may hold megabytes more of them, and an answer is longer than a click. */
const ENOUGH_CLICKS = 1000

/** Clicks of one connection and one tick, in a row and with one answer for one origin; they are answered together. */
export interface Entry {
  readonly connection: Connection
  readonly tick: object
  readonly answer: Answer
  readonly origin: string | null
  clicks: number
  /** The answers to all of them, as latin1, whatever these have become. null: they are waited for. */
  text: string | null
}

export interface ConnectionListeners {
  /** The bytes are read before it returns, or gone. */
  readonly take: TakePiece
  /** The client has sent its last, or reads again. */
  readonly goOn: () => void
  readonly close: () => void
}

/** One connection while it is in the hot lane. */
export class Connection {
  readonly socket: Socket
  /** By performance.now(): accepted, asked, or answered. */
  activeAtMs = performance.now()
  hasAsked = false
  /** false: this Node does not take the shared buffer, see read-buffer.ts. */
  readonly isReadShared: boolean
  /** A head that was found harmless on this connection; see hot-request.ts. */
  knownHead: Head | null = null
  /** What comes next is not for the lane. It waits in the socket for the answers to what came before. */
  isLeaving = false
  /** It is closed behind its last answer, with whatever the client still sends unread. */
  isEnding = false
  readonly #listeners: readonly (readonly [event: string, (chunk: Buffer) => void])[]
  /** In the order of their arrival. */
  readonly #unanswered: Entry[] = []

  constructor(socket: Socket, { take, goOn, close }: ConnectionListeners) {
    this.socket = socket
    this.#listeners = [
      ['data', chunk => take(chunk, chunk.length)],
      ['end', goOn],
      ['drain', goOn],
      // A client that is gone before its answer; what it sent is counted.
      ['error', () => {}],
      ['close', close],
    ]
    this.isReadShared = readToShared(socket, take)
    for (const [event, listener] of this.#listeners) socket.on(event, listener)
  }

  get isWaiting(): boolean {
    return this.#unanswered.length > 0
  }

  /** Somebody waits for somebody: answers for their clicks, or the server for a client that reads no further. */
  get isStuck(): boolean {
    return this.isWaiting || this.socket.writableNeedDrain
  }

  know(head: Head): void {
    if (head === this.knownHead || head.text.length > MAX_KNOWN_HEAD_LENGTH) return
    const { origin } = head.facts
    this.knownHead = {
      text: copyOf(head.text),
      facts: { ...head.facts, origin: origin === null ? null : copyOf(origin) },
    }
  }

  /** Where a click of this tick is to be counted: with the one before, or by itself. */
  entryFor(tick: object, answer: Answer, origin: string | null): Entry {
    this.hasAsked = true
    const last = this.#unanswered.at(-1)
    if (last?.tick === tick && last.answer === answer && last.origin === origin) return last
    const entry = { connection: this, tick, answer, origin, clicks: 0, text: null }
    this.#unanswered.push(entry)
    return entry
  }

  /** Whether no answer comes behind it, here or from the HTTP server. */
  endsWith(entry: Entry): boolean {
    return !this.isLeaving && this.#unanswered.at(-1) === entry
  }

  /** All there are, up to the first that is still waited for. */
  writeAnswers(): void {
    let answers = ''
    while (this.#unanswered.length > 0 && this.#unanswered[0]!.text !== null)
      answers += this.#unanswered.shift()!.text
    if (answers !== '' && !this.socket.write(answers, 'latin1')) this.socket.pause()
  }

  /** Gives back at once what is not for the lane: behind unread bytes, the client's end does not show yet. */
  leaveWith(rest: Buffer): void {
    this.isLeaving = true
    this.#leaveReading()
    this.socket.unshift(Buffer.from(rest))
  }

  /** More would only pile up. */
  holdBack(): void {
    if (this.#unanswered.length > 1 || this.#unanswered[0]!.clicks >= ENOUGH_CLICKS) this.socket.pause()
  }

  readOn(): void {
    if (this.socket.isPaused() && !this.socket.writableNeedDrain) this.socket.resume()
  }

  /** Makes the socket what it was when it was accepted: without listeners, and with nothing read yet. */
  release(): void {
    for (const [event, listener] of this.#listeners) this.socket.off(event, listener)
    this.#leaveReading()
  }

  /** What comes from now on is the stream's, once somebody wants it. */
  #leaveReading(): void {
    this.socket.pause()
    readToStream(this.socket)
  }
}

/** A part of a string keeps all of it in memory, here whatever came in the same piece. */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
