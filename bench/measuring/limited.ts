import { CONNECTIONS, runWrk, type WrkLoad } from '../load/wrk.ts'
import { audited, type Oracle } from './audit.ts'
import type { Server } from './server.ts'

/** What a server did in some seconds, saturated with clicks that it counts, or refuses because they are too many. */
export interface LimitedSample extends Oracle {
  /** Those that it counted. */
  readonly acknowledged: number
  /** Those that it refused. */
  readonly refused: number
  readonly cpuUsPerRequest: number
}

/** `isLimited`: refused clicks are what is wanted. The server may count a few all the same, once a minute has passed. */
export function saturateLimited(
  server: Server,
  { load, isLimited }: { load: WrkLoad; isLimited: boolean },
): Promise<LimitedSample> {
  return audited(server, CONNECTIONS, async () => {
    const cpuBefore = server.cpuSeconds()
    const { succeeded, refused, failed } = await runWrk(`${server.url}/counter/1`, load)
    const cpuSeconds = server.cpuSeconds() - cpuBefore
    return {
      acknowledged: succeeded,
      refused,
      failed: isLimited ? failed - refused : failed,
      cpuUsPerRequest: (cpuSeconds * 1e6) / (succeeded + refused),
    }
  })
}
