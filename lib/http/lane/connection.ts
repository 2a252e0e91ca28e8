import type { Socket } from 'node:net'
import type { Answer } from '../listener/answer.ts'
import type { Head } from './hot-request.ts'
import { readToShared, readToStream, type TakePiece } from './read-buffer.ts'

/** A longer head is not remembered: many connections must not hold much memory. */
const MAX_KNOWN_HEAD_LENGTH = 4096
/**
 * A connection with so many unanswered clicks is not read. The kernel may hold megabytes more of them, and an answer is
 * longer than a click.
 */
const ENOUGH_CLICKS = 1000

/** Clicks of one connection and one tick, in a row and with one answer for one origin; they are answered together. */
export interface Entry {
  readonly connection: Connection
  readonly tick: object
  readonly answer: Answer
  readonly origin: string | null
  clicks: number
  /** The answers to all of them, as latin1: `answer`, or a refusal. null: they are waited for. */
  text: string | null
}

interface ConnectionListeners {
  /** Has to be through with the bytes when it returns: the next piece overwrites them. */
  readonly take: TakePiece
  /** The client has sent its last, or reads again. */
  readonly goOn: () => void
  readonly close: () => void
}

/** One connection while it is in the hot lane. */
export class Connection {
  readonly socket: Socket
  /** By performance.now(): when it was accepted, asked, or was answered last. */
  activeAtMs = performance.now()
  hasAsked = false
  /** false: this Node does not take the shared buffer, see read-buffer.ts. */
  readonly isReadShared: boolean
  /** A head that was found harmless on this connection; see hot-request.ts. */
  knownHead: Head | null = null
  /** What comes next is not for the lane. It waits in the socket until what came before is answered. */
  isLeaving = false
  /** It is closed behind its last answer, and what the client still sends is not read. */
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
      // The client is gone before its answer. What it sent is counted.
      ['error', () => {}],
      ['close', close],
    ]
    this.isReadShared = readToShared(socket, take)
    for (const [event, listener] of this.#listeners) socket.on(event, listener)
  }

  get isWaiting(): boolean {
    return this.#unanswered.length > 0
  }

  /** Clicks wait for their answers, or answers for a client that reads no further. */
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

  /** Whether it has the last answer: nothing waits behind it, here or for Node's HTTP server. */
  endsWith(entry: Entry): boolean {
    return !this.isLeaving && this.#unanswered.at(-1) === entry
  }

  /** Writes answers in the order of their clicks, up to the first that is still waited for. */
  writeAnswers(): void {
    let answers = ''
    while (this.#unanswered.length > 0 && this.#unanswered[0]!.text !== null)
      answers += this.#unanswered.shift()!.text
    if (answers !== '' && !this.socket.write(answers, 'latin1')) this.socket.pause()
  }

  /**
   * Gives the rest back to the socket, which holds it for the next reader. At once, also while answers are waited for: a
   * client's end shows only behind unread bytes. Without them there, it would close the connection.
   */
  leaveWith(rest: Buffer): void {
    this.isLeaving = true
    // First: what still comes would go past the stream, ahead of the rest.
    this.#leaveReading()
    this.socket.unshift(Buffer.from(rest))
  }

  /** Stops reading where more clicks would only pile up. */
  holdBack(): void {
    if (this.#unanswered.length > 1 || this.#unanswered[0]!.clicks >= ENOUGH_CLICKS) this.socket.pause()
  }

  readOn(): void {
    if (this.socket.isPaused() && !this.socket.writableNeedDrain) this.socket.resume()
  }

  /** Makes the socket what it was when it was accepted: without listeners, and not flowing. */
  release(): void {
    for (const [event, listener] of this.#listeners) this.socket.off(event, listener)
    this.#leaveReading()
  }

  /** What comes from now on goes to the stream. Paused first: without a reader, a stream that flows drops it. */
  #leaveReading(): void {
    this.socket.pause()
    readToStream(this.socket)
  }
}

/** A part of a string keeps the whole string in memory: here, all that came in the same piece. */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
