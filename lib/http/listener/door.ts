import net from 'node:net'
import { performance } from 'node:perf_hooks'
import { setImmediate as nextTick } from 'node:timers/promises'

/** How long a stop waits for a tick in which no connection waits to be accepted. */
const QUIET_WAIT_MS = 100

/** Accepts the connections of one request thread, at most `maxConnections` at a time. Not listening yet. */
export function createDoor(maxConnections: number): net.Server {
  // A client may close its half of the connection with its request. It is waiting for the answer then.
  const door = net.createServer({ allowHalfOpen: true, noDelay: true })
  door.maxConnections = maxConnections
  return door
}

/** Resolves when the door is open. Rejects with the system's error. */
export function openDoor(
  door: net.Server,
  options: { host: string; port: number; reusePort: boolean },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  door.once('error', reject)
  door.listen(options, () => {
    door.off('error', reject)
    resolve()
  })
  return promise
}

/** Resolves when nothing is accepted any more. `closed` resolves when the last connection has ended, too. */
export async function closeDoor(door: net.Server): Promise<{ closed: Promise<void> }> {
  await untilNoneWaits()
  return { closed: new Promise<void>(resolve => door.close(() => resolve())) }
}

/**
 * Resolves right after a tick in which the system had nothing for this thread, no connection either: one that
 * waits to be accepted is reset when its listening socket is closed. So is a connection that is made in the
 * microseconds from here to the closing.
 */
async function untilNoneWaits(): Promise<void> {
  const untilMs = performance.now() + QUIET_WAIT_MS
  let events: number
  do {
    events = performance.nodeTiming.uvMetricsInfo.events
    await nextTick()
  } while (performance.nodeTiming.uvMetricsInfo.events !== events && performance.now() < untilMs)
}
