import { setTimeout as sleep } from 'node:timers/promises'
import { runWrk, type WrkLoad } from '../load/wrk.ts'
import { establishedTo } from '../machine/connections.ts'
import { audited, type Oracle } from './audit.ts'
import type { Server } from './server.ts'

/** wrk opens all at once. What a listener's queue does not take is tried again after 1 s, and after 3 s. */
const OPENED_PER_SECOND = 2500
/** wrk goes on for so long after the readings, which wait for their answers behind those of all connections. */
const READING_SECONDS = 1

/** What a saturated server did in some seconds, with all connections open from before until after. */
export interface SteadySample extends Oracle {
  readonly acknowledged: number
  /** At the first or at the second reading, whichever were fewer. */
  readonly openConnections: number
  readonly cpuUsPerClick: number
  readonly clicksPerSecond: number
}

type SteadyLoad = WrkLoad & { readonly path: string; readonly connections: number }

/**
 * Saturates a server with wrk, and reads its clicks and its processor time twice in between. With thousands of
 * connections, to open and to close them costs as much as many clicks: that is left out.
 */
export function saturateSteadily(server: Server, load: SteadyLoad): Promise<SteadySample> {
  const { path, connections, seconds } = load
  const openingSeconds = 1 + Math.ceil(connections / OPENED_PER_SECOND)
  return audited(server, connections, async () => {
    const [{ succeeded, failed }, steady] = await Promise.all([
      runWrk(server.url + path, { ...load, seconds: openingSeconds + seconds + READING_SECONDS }),
      readTwice(server, openingSeconds, seconds),
    ])
    return {
      acknowledged: succeeded,
      failed,
      ...steady,
      // One more is that of the readings.
      openConnections: Math.min(connections, steady.openConnections),
    }
  })
}

async function readTwice(server: Server, openingSeconds: number, seconds: number) {
  await sleep(openingSeconds * 1000)
  const first = await read(server)
  await sleep(seconds * 1000)
  const second = await read(server)
  const clicks = second.accepted - first.accepted
  return {
    openConnections: Math.min(first.openConnections, second.openConnections),
    cpuUsPerClick: ((second.cpuSeconds - first.cpuSeconds) * 1e6) / clicks,
    clicksPerSecond: (clicks * 1000) / (second.atMs - first.atMs),
  }
}

async function read(server: Server) {
  const openConnections = establishedTo(server.url)
  const accepted = await server.accepted()
  return { openConnections, accepted, cpuSeconds: server.cpuSeconds(), atMs: performance.now() }
}
