import { clusterPaths } from '../../db/embedded/cluster.ts'
import { findPostmaster } from '../../db/embedded/postmaster.ts'
import { moveToServerCore } from '../machine/cores.ts'
import { processCpuSeconds, treeCpuSeconds } from '../machine/cpu.ts'
import { readHealth } from './health.ts'
import type { Server, Totals } from './server.ts'
import { CHECKOUT, type ServiceProcess, type Settings, startServiceProcess } from './service-process.ts'
import { storedClicks } from './stored.ts'

export type MeasuredService = Server & ServiceProcess

interface Surroundings {
  /** Whether the service and its Postgres are kept on the server's core. */
  readonly isPinned?: boolean
  /** Whose code it is. */
  readonly checkout?: string
  readonly nodeOptions?: readonly string[]
}

/** The service with its embedded Postgres; one request thread unless set otherwise. */
export async function startMeasuredService(
  settings: Settings = {},
  { isPinned = true, checkout = CHECKOUT, nodeOptions = [] }: Surroundings = {},
): Promise<MeasuredService> {
  const service = await startServiceProcess(checkout, { SERVER_THREADS: '1', ...settings }, nodeOptions)
  const postmaster = await findPostmaster(clusterPaths(service.dataDir).cluster)
  if (postmaster === null) {
    await service.end()
    throw new Error(`the embedded Postgres in ${service.dataDir} should be running`)
  }
  if (isPinned) for (const root of [service.pid, postmaster.pid]) moveToServerCore(root)
  return {
    ...service,
    cpuSeconds: () => processCpuSeconds(service.pid),
    databaseCpuSeconds: () => treeCpuSeconds(postmaster.pid),
    accepted: () => accepted(service),
    totals: () => totals(service),
  }
}

async function accepted({ url }: ServiceProcess): Promise<number> {
  return (await readHealth(url)).clicks.accepted
}

/** Requests that wrk left behind are counted a moment after it is gone. So this looks until no more come. */
async function totals(service: ServiceProcess): Promise<Totals> {
  for (;;) {
    const before = await accepted(service)
    const stored = await storedClicks(service)
    if ((await accepted(service)) === before) return { accepted: before, stored }
  }
}
