import type { ThreadBooks } from '../../books/thread-books.ts'
import { corsHeaders } from '../entrance/cors.ts'
import { type Answer, answerText } from '../listener/answer.ts'
import { KEEP_ALIVE_TIMEOUT_MS } from '../listener/limits.ts'
import type { Connection, Entry } from './connection.ts'

const KEPT_ALIVE = { keepAliveMs: KEEP_ALIVE_TIMEOUT_MS }

/** Clicks with one outcome, which is nearly always that of their tick of the event loop. */
export class Tick {
  readonly outcome: Promise<void>
  readonly #startedAtMs = performance.now()
  readonly #entries: Entry[] = []

  constructor(outcome: Promise<void>) {
    this.outcome = outcome
  }

  /** A click that gets `answer`, for a page of `origin`, once the outcome is good. */
  add(connection: Connection, answer: Answer, origin: string | null): void {
    const entry = connection.entryFor(this, answer, origin)
    if (entry.clicks++ > 0) return
    this.#entries.push(entry)
    // It may have been idle for longer than it may wait now.
    connection.activeAtMs = this.#startedAtMs
  }

  /**
   * Gives every click its answer, or all of them `refusal`, and calls `goOn` for each connection that has new ones.
   * `isClosing`: the last answer of a connection says so.
   */
  settle(
    refusal: Answer | null,
    options: { isClosing: boolean; books: ThreadBooks; goOn: (connection: Connection) => void },
  ): void {
    const { isClosing, books, goOn } = options
    const nowMs = performance.now()
    const latency = { kind: 'counting', ms: nowMs - this.#startedAtMs } as const
    // Those of the entry before: most clicks of a tick have the same answer, and it is put into words once.
    let answer: Answer | null = null
    let origin: string | null = null
    let kept = ''
    let answered = 0
    for (const entry of this.#entries) {
      const { connection, clicks } = entry
      const own = refusal ?? entry.answer
      if (own !== answer || entry.origin !== origin) {
        if (answered > 0 && own.statusCode !== answer!.statusCode) {
          books.answer(answer!.statusCode, latency, answered)
          answered = 0
        }
        answer = own
        origin = entry.origin
        kept = answerText(own, corsHeaders(origin), KEPT_ALIVE)
      }
      if (connection.socket.destroyed) continue
      const isLast = isClosing && connection.endsWith(entry)
      if (isLast) connection.isEnding = true
      entry.text = isLast
        ? kept.repeat(clicks - 1) + answerText(own, corsHeaders(origin), 'close')
        : kept.repeat(clicks)
      connection.activeAtMs = nowMs
      answered += clicks
    }
    // Only now: a connection with several answers writes them all at once.
    for (const { connection } of this.#entries) if (!connection.socket.destroyed) goOn(connection)
    if (answered > 0) books.answer(answer!.statusCode, latency, answered)
  }
}
