import { CONNECTIONS, runWrk, type WrkLoad } from '../load/wrk.ts'
import { median } from './statistics.ts'

/** A server whose clicks are measured: the service, or one that does something like it. */
export interface Server {
  readonly url: string
  /** Processor time of its processes so far, without a database's. */
  cpuSeconds(): number
  /** Of the Postgres that it writes to; 0 without one. */
  databaseCpuSeconds(): number
  /** So far, once nothing is on its way any more. */
  totals(): Promise<Totals>
}

export interface Totals {
  /** Clicks by the server's own books. */
  readonly accepted: number
  /** Clicks where it keeps them: in Postgres if it has one. */
  readonly stored: number
}

/** What must be zero. */
export interface Oracle {
  /** Requests that were not answered, or not with success. */
  readonly failed: number
  /** Clicks that were acknowledged and are not stored. */
  readonly lost: number
  /** Clicks that are stored and were never sent. */
  readonly doubled: number
}

/** One turn of a saturated server. */
export interface Turn extends Oracle {
  readonly acknowledged: number
  readonly clicksPerSecond: number
  readonly cpuUsPerClick: number
  readonly databaseCpuUsPerClick: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface TurnLoad extends WrkLoad {
  readonly path: string
  readonly clicksPerRequest?: number
}

/** Saturates a server with wrk. */
export function saturatedTurn(server: Server, load: TurnLoad): Promise<Turn> {
  const { path, clicksPerRequest = 1 } = load
  return audited(server, CONNECTIONS * clicksPerRequest, async () => {
    const cpuBefore = server.cpuSeconds()
    const databaseCpuBefore = server.databaseCpuSeconds()
    const { succeeded, failed, perSecond, p50Ms, p99Ms } = await runWrk(server.url + path, load)
    const cpuSeconds = server.cpuSeconds() - cpuBefore
    const databaseCpuSeconds = server.databaseCpuSeconds() - databaseCpuBefore
    const acknowledged = succeeded * clicksPerRequest
    return {
      acknowledged,
      failed,
      clicksPerSecond: perSecond * clicksPerRequest,
      cpuUsPerClick: (cpuSeconds * 1e6) / acknowledged,
      databaseCpuUsPerClick: (databaseCpuSeconds * 1e6) / acknowledged,
      p50Ms,
      p99Ms,
    }
  })
}

/**
 * Does something with clicks and compares what was acknowledged with what the server has afterwards.
 * `unanswered`: clicks at the most that were sent and whose answer nobody saw; they may be counted or not.
 */
export async function audited<Result extends { readonly acknowledged: number }>(
  server: Pick<Server, 'totals'>,
  unanswered: number,
  act: () => Promise<Result>,
): Promise<Result & Omit<Oracle, 'failed'>> {
  const before = await server.totals()
  const result = await act()
  const after = await server.totals()
  const clicks = {
    acknowledged: result.acknowledged,
    unanswered,
    accepted: after.accepted - before.accepted,
    stored: after.stored - before.stored,
  }
  return { ...result, ...discrepancy(clicks) }
}

/**
 * The way of a click in two steps. From the client to the books, unanswered ones may make a difference; from
 * the books to where it is kept, nothing may.
 */
export function discrepancy({ acknowledged, unanswered, accepted, stored }: Totals & Acknowledged) {
  return {
    lost: Math.max(0, acknowledged - accepted) + Math.max(0, accepted - stored),
    doubled: Math.max(0, accepted - acknowledged - unanswered) + Math.max(0, stored - accepted),
  }
}

interface Acknowledged {
  readonly acknowledged: number
  readonly unanswered: number
}

export function isSound(turns: readonly Oracle[]): boolean {
  return turns.every(({ failed, lost, doubled }) => failed === 0 && lost === 0 && doubled === 0)
}

/** What a table shows of one subject's turns. */
export function figures(turns: readonly Turn[]) {
  const of = (key: keyof Turn) => turns.map(turn => turn[key])
  return {
    of,
    median: (key: keyof Turn) => median(of(key)),
    total: (key: keyof Oracle) => of(key).reduce((sum, value) => sum + value, 0),
  }
}
