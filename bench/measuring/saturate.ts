import { CONNECTIONS, runWrk, type WrkLoad } from '../load/wrk.ts'
import { audited, type Oracle } from './audit.ts'
import type { Server } from './server.ts'
import { median } from './statistics.ts'

/** What a saturated server did in some seconds. */
export interface SaturatedSample extends Oracle {
  readonly acknowledged: number
  readonly clicksPerSecond: number
  readonly cpuUsPerClick: number
  readonly databaseCpuUsPerClick: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface Saturation extends WrkLoad {
  readonly path: string
  readonly clicksPerRequest?: number
}

/** Saturates a server with wrk. */
export function saturate(server: Server, load: Saturation): Promise<SaturatedSample> {
  const { path, connections = CONNECTIONS, clicksPerRequest = 1 } = load
  return audited(server, connections * clicksPerRequest, async () => {
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

/** What a table shows of one subject's samples. */
export function figures(samples: readonly SaturatedSample[]) {
  const of = (key: keyof SaturatedSample) => samples.map(sample => sample[key])
  return {
    of,
    median: (key: keyof SaturatedSample) => median(of(key)),
  }
}
