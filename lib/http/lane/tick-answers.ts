import type { ThreadBooks } from '../../books/thread-books.ts'
import { corsLines } from '../entrance/cors.ts'
import { type Answer, answerText } from '../listener/answer.ts'
import type { Connection, Run } from './connection.ts'

/** The answers to requests that share one outcome: the clicks of one tick, or the other requests of one turn. */
export class TickAnswers {
  readonly outcome: Promise<void>
  readonly #startedAtMs = performance.now()
  readonly #runs: Run[] = []

  constructor(outcome: Promise<void>) {
    this.outcome = outcome
  }

  /** Adds a request of a page of `origin`. It gets `answer` once the outcome is good. */
  add(connection: Connection, answer: Answer, origin: string | null): void {
    const run = connection.runFor(this, answer, origin)
    if (run.requests++ > 0) return
    this.#runs.push(run)
    // Before the request, the connection may have been idle for longer than it may now wait.
    connection.activeAtMs = Math.trunc(this.#startedAtMs)
  }

  /**
   * Gives every request its answer, or all of them `refusal`, and calls `goOn` for each connection that has new
   * ones. `isClosing`: the last answer of a connection says so.
   */
  settle(
    refusal: Answer | null,
    options: { isClosing: boolean; books: ThreadBooks; goOn: (connection: Connection) => void },
  ): void {
    const { isClosing, books, goOn } = options
    const nowMs = performance.now()
    const latency = { kind: 'counting', ms: nowMs - this.#startedAtMs } as const
    // Those of the run before: most requests have the same answer, and it is put into words once.
    let answer: Answer | null = null
    let origin: string | null = null
    let kept = ''
    let answered = 0
    for (const run of this.#runs) {
      const { connection, requests } = run
      const own = refusal ?? run.answer
      if (own !== answer || run.origin !== origin) {
        if (answered > 0 && own.statusCode !== answer!.statusCode) {
          books.answer(answer!.statusCode, latency, answered)
          answered = 0
        }
        answer = own
        origin = run.origin
        kept = answerText(own, corsLines(origin), 'goesOn')
      }
      if (connection.isGone) continue
      const isLast = isClosing && connection.endsWith(run)
      if (isLast) connection.isEnding = true
      run.text = isLast
        ? kept.repeat(requests - 1) + answerText(own, corsLines(origin), 'closes')
        : kept.repeat(requests)
      connection.activeAtMs = Math.trunc(nowMs)
      answered += requests
    }
    // After all texts are known: a connection with several runs writes them all at once.
    for (const { connection } of this.#runs) if (!connection.isGone) goOn(connection)
    if (answered > 0) books.answer(answer!.statusCode, latency, answered)
  }
}
