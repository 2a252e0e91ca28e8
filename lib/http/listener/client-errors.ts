import type http from 'node:http'
import type { Duplex } from 'node:stream'
import Boom from '@hapi/boom'
import type { ThreadBooks } from '../../books/thread-books.ts'
import { IDLE_TIMEOUT_MS } from './listener.ts'
import { rawError } from './raw-answer.ts'

/** How long a connection goes on being read after its last answer. */
const LINGER_MS = 1000

/**
 * Answers what never becomes a request, in Hapi's shape, and closes the connection. To be called after Hapi
 * has been given the listener: its own answers have no body, and overtake those of earlier requests.
 */
export function answerClientErrors(listener: http.Server, books: ThreadBooks): void {
  listener.removeAllListeners('clientError')
  const closing = new WeakSet<Duplex>()
  listener.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Whatever still arrives after the first mistake is another one.
    if (closing.has(socket)) return
    closing.add(socket)
    close(socket, answerTo(error), books)
  })
  // Node hands the connection over and forgets about it: its time-outs, and that an answer waits for it to drain.
  listener.on('connect', (_request, socket) => {
    socket.on('error', () => {})
    setTimeout(() => socket.destroy(), IDLE_TIMEOUT_MS).unref()
    close(socket, noProxy(), books)
  })
}

function noProxy(): Boom.Boom {
  const allowed = ['GET', 'HEAD', 'OPTIONS', 'POST']
  return Boom.methodNotAllowed(`CONNECT is for proxies: use ${allowed.join(', ')}`, null, allowed)
}

function answerTo(error: NodeJS.ErrnoException): Boom.Boom {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Boom.Boom('the request line and the headers are too long', { statusCode: 431 })
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return Boom.entityTooLarge('the extensions of a chunk are too long')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return Boom.clientTimeout('the request did not arrive in time')
    default:
      return Boom.badRequest('the request must be well-formed HTTP/1.1')
  }
}

/** Requests that arrived whole before the mistake are answered first, in their order. */
function close(socket: Duplex, answer: Boom.Boom, books: ThreadBooks): void {
  const unanswered = (socket as { _httpMessage?: http.ServerResponse | null })._httpMessage
  if (unanswered?.req.complete) unanswered.once('close', () => close(socket, answer, books))
  else if (socket.writable) closeNow(socket, unanswered?.headersSent ? null : answer, books)
}

/** Reads on for a while: a connection closed with bytes unread is reset, and the answer lost on the way. */
function closeNow(socket: Duplex, answer: Boom.Boom | null, books: ThreadBooks): void {
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
  if (answer === null) {
    socket.end()
    return
  }
  books.answer(answer.output.statusCode, null)
  socket.end(rawError(answer, 'close'))
}
