import type { Duplex } from 'node:stream'
import Boom from '@hapi/boom'
import type { ThreadBooks } from '../../books/thread-books.ts'
import { answerText, errorAnswer } from './answer.ts'
import { LINGER_MS } from './limits.ts'
import type { RequestGate } from './request-gate.ts'

const RETRY_AFTER_SECONDS = 1

/** The answer to bytes that are no request. `code` is that of the parser's error, if the parser read them. */
export function mistakeOf(code?: string): Boom.Boom {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Boom.Boom('the request line and the headers are too long', { statusCode: 431 })
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return Boom.entityTooLarge('the extensions of a chunk are too long')
    default:
      return Boom.badRequest('the request must be well-formed HTTP/1.1')
  }
}

export function tooLarge(maxBytes: number): Boom.Boom {
  return Boom.entityTooLarge(`the body must not be longer than ${maxBytes} bytes`)
}

export function tooLate(): Boom.Boom {
  return Boom.clientTimeout('the request did not arrive in time')
}

export function tooManyRequests(): Boom.Boom {
  const error = Boom.tooManyRequests(
    'too many of your requests are waiting for their answers: wait for some of them, then ask again',
  )
  error.output.headers['Retry-After'] = RETRY_AFTER_SECONDS
  return error
}

export function noProxy(): Boom.Boom {
  const allowed = ['GET', 'HEAD', 'OPTIONS', 'POST']
  return Boom.methodNotAllowed(`CONNECT is for proxies: use ${allowed.join(', ')}`, null, allowed)
}

/**
 * Refuses bytes that never become a request, and ends the connection. Requests that arrived whole before them
 * are answered first, in their order.
 */
export function refuse(gate: RequestGate, error: Boom.Boom, books: ThreadBooks): void {
  const unanswered = gate.firstUnanswered
  if (unanswered?.req.complete) unanswered.once('close', () => refuse(gate, error, books))
  else if (gate.writable) endWith(gate, unanswered?.headersSent ? null : error, books)
}

/**
 * Ends a connection with an error in Hapi's shape; null: without one, because an answer has begun. Reading
 * goes on for a while: a connection that is closed with unread bytes is reset, and the client may not get the
 * answer.
 */
export function endWith(connection: Duplex, error: Boom.Boom | null, books: ThreadBooks): void {
  destroyIn(LINGER_MS, connection)
  if (error === null) {
    connection.end()
    return
  }
  books.answer(error.output.statusCode, null)
  connection.end(answerText(errorAnswer(error), '', 'closes'), 'latin1')
}

/** For a connection that nothing else looks after. A timer that outlived it would keep it in memory. */
export function destroyIn(timeoutMs: number, connection: Duplex): void {
  const timer = setTimeout(() => connection.destroy(), timeoutMs).unref()
  connection.once('close', () => clearTimeout(timer))
}
