import { median } from './statistics.ts'
import { CONNECTIONS, runWrk, type WrkLoad } from './wrk.ts'

/** A server whose clicks are measured: the service, or one that does something like it. */
export interface Server {
  readonly url: string
  /** Processor time of its processes so far, without a database's. */
  cpuSeconds(): number
  /** Of the Postgres that it writes to; 0 without one. */
  databaseCpuSeconds(): number
  /** Clicks it has counted so far, as far as it keeps them: in Postgres if it has one. */
  storedClicks(): Promise<number>
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

/** Saturates a server with wrk, and compares what it has stored with what it has acknowledged. */
export async function saturatedTurn(server: Server, load: TurnLoad): Promise<Turn> {
  const { clicksPerRequest = 1 } = load
  const storedBefore = await server.storedClicks()
  const cpuBefore = server.cpuSeconds()
  const databaseCpuBefore = server.databaseCpuSeconds()
  const { succeeded, failed, perSecond, p50Ms, p99Ms } = await runWrk(server.url + load.path, load)
  const cpuSeconds = server.cpuSeconds() - cpuBefore
  const databaseCpuSeconds = server.databaseCpuSeconds() - databaseCpuBefore
  const acknowledged = succeeded * clicksPerRequest
  const stored = (await server.storedClicks()) - storedBefore
  return {
    acknowledged,
    failed,
    clicksPerSecond: perSecond * clicksPerRequest,
    cpuUsPerClick: (cpuSeconds * 1e6) / acknowledged,
    databaseCpuUsPerClick: (databaseCpuSeconds * 1e6) / acknowledged,
    p50Ms,
    p99Ms,
    ...discrepancy({ acknowledged, stored, unanswered: CONNECTIONS * clicksPerRequest }),
  }
}

/** `unanswered`: clicks at the most that were sent and whose answer nobody saw; they may be counted or not. */
export function discrepancy(clicks: { acknowledged: number; stored: number; unanswered: number }) {
  const { acknowledged, stored, unanswered } = clicks
  return {
    lost: Math.max(0, acknowledged - stored),
    doubled: Math.max(0, stored - acknowledged - unanswered),
  }
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
