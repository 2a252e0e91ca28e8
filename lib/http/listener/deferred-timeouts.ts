import { type Server, Socket } from 'node:net'

const SWEEP_INTERVAL_MS = 1000

/** What Node's HTTP server has asked for, and asks otherwise with the next request. */
interface Deferred {
  timeoutMs: number
  /** Asked for since the last sweep. */
  isFresh: boolean
  /** It is the socket's own timer by now. */
  isSet: boolean
}

type DeferringSocket = Socket & { deferred: Deferred }

/**
 * Has the listener's connections set their timers late: a time-out that nothing has replaced by the second
 * sweep is one of Node's own from there on. Node sets two with each request, one for its answer and one for
 * the time until the next, and on a busy connection neither lives for a millisecond: 4 % of a click.
 */
export function deferTimeouts(listener: Server): void {
  const sockets = new Set<DeferringSocket>()
  // Before Node's server sets the first one.
  listener.prependListener('connection', (socket: Socket) => {
    const deferred = { timeoutMs: 0, isFresh: false, isSet: false }
    // One function for all: calling a function that each socket has of its own costs half of what is won.
    sockets.add(Object.assign(socket, { deferred, setTimeout: setTimeoutLater }))
    socket.on('close', () => sockets.delete(socket as DeferringSocket))
  })
  const sweepTimer = setInterval(() => sockets.forEach(sweep), SWEEP_INTERVAL_MS).unref()
  listener.on('close', () => clearInterval(sweepTimer))
}

/** In place of socket.setTimeout. Nobody here gives that a callback. */
function setTimeoutLater(this: Socket, timeoutMs: number): Socket {
  const { deferred } = this as DeferringSocket
  if (deferred.isSet) setNow(this as DeferringSocket, 0)
  deferred.timeoutMs = timeoutMs
  deferred.isFresh = true
  return this
}

function sweep(socket: DeferringSocket): void {
  const { deferred } = socket
  if (deferred.isFresh) deferred.isFresh = false
  else if (!deferred.isSet) setNow(socket, deferred.timeoutMs)
}

function setNow(socket: DeferringSocket, timeoutMs: number): void {
  socket.deferred.isSet = timeoutMs > 0
  Socket.prototype.setTimeout.call(socket, timeoutMs)
}
