import net from 'node:net'
import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Shares } from '../../base/shares.ts'

/** How long a stop waits for a turn of the event loop in which no connection waits to be accepted. */
const QUIET_WAIT_MS = 100

/**
 * Connections that may wait to be accepted; the system's own limit (net.core.somaxconn) may be lower. Browsers
 * come back together after a restart. With Node's 511, the others would try again after a second.
 */
const WAITING_CONNECTIONS = 4096

interface DoorOptions {
  /** At a time. */
  readonly maxConnections: number
  /** Who is at the other end. null: somebody who speaks for many, and is not bounded. */
  readonly clientOf: (socket: net.Socket) => string | null
  /** A connection is closed at once: its client has its share, or there is no place for anybody. */
  readonly noteRefused: () => void
}

/** Makes a door that lets connections in for `take`. It does not listen yet. */
export function createDoor(options: DoorOptions, take: (socket: net.Socket) => void): net.Server {
  const { maxConnections, clientOf, noteRefused } = options
  // Half-open, because a client may end its half with its request, and then waits for the answer.
  const door = net.createServer({ allowHalfOpen: true, noDelay: true })
  const shares = new Shares(maxConnections)
  door.maxConnections = maxConnections
  door.on('drop', noteRefused)
  door.on('connection', socket => {
    const client = clientOf(socket)
    if (shares.take(client)) {
      socket.once('close', () => shares.giveBack(client))
      take(socket)
    } else {
      noteRefused()
      // An error would end the thread: nobody else looks after this connection.
      socket.on('error', () => {}).destroy()
    }
  })
  return door
}

/** Resolves when the door is open. Rejects with the system's error. */
export function openDoor(
  door: net.Server,
  options: { host: string; port: number; reusePort: boolean },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  door.once('error', reject)
  door.listen({ ...options, backlog: WAITING_CONNECTIONS }, () => {
    door.off('error', reject)
    resolve()
  })
  return promise
}

/** Resolves when the door accepts no more. `closed` resolves when, besides, the last connection has ended. */
export async function closeDoor(door: net.Server): Promise<{ closed: Promise<void> }> {
  await untilNoneWaits()
  return { closed: new Promise<void>(resolve => door.close(() => resolve())) }
}

/**
 * Resolves right after a turn in which the system had nothing for this thread, and so no connection to
 * accept. A connection that waits to be accepted is reset when the listening socket closes. That still
 * happens to one that is made in the microseconds between this and the closing.
 */
async function untilNoneWaits(): Promise<void> {
  const untilMs = performance.now() + QUIET_WAIT_MS
  let events: number
  do {
    events = performance.nodeTiming.uvMetricsInfo.events
    await nextTurn()
  } while (performance.nodeTiming.uvMetricsInfo.events !== events && performance.now() < untilMs)
}
