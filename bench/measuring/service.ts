import { clusterPaths } from '../../db/embedded/cluster.ts'
import { findPostmaster } from '../../db/embedded/postmaster.ts'
import {
  endService,
  type ServiceProcess,
  type Settings,
  startServiceProcess,
} from '../../test/support/process.ts'
import { moveToServerCore } from '../machine/cores.ts'
import { processCpuSeconds, treeCpuSeconds } from '../machine/cpu.ts'
import { readHealth } from './health.ts'
import type { Server, Totals } from './server.ts'
import { storedClicks } from './stored.ts'

export interface MeasuredService extends Server {
  readonly process: ServiceProcess
  readonly pid: number
  /** Ends the process and keeps its directory, for another one to start in. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  end(): Promise<void>
}

/** The service and its embedded Postgres on the server's core; one request thread unless set otherwise. */
export async function startMeasuredService(
  settings: Settings = {},
  { isPinned = true, nodeOptions = [] as readonly string[] } = {},
): Promise<MeasuredService> {
  const process = await startServiceProcess({ SERVER_THREADS: '1', ...settings }, nodeOptions)
  const pid = process.child.pid!
  const postmaster = await findPostmaster(clusterPaths(process.dataDir).cluster)
  if (postmaster === null) {
    await endService(process)
    throw new Error(`the embedded Postgres in ${process.dataDir} should be running`)
  }
  if (isPinned) for (const root of [pid, postmaster.pid]) moveToServerCore(root)
  return {
    process,
    pid,
    url: process.url,
    cpuSeconds: () => processCpuSeconds(pid),
    databaseCpuSeconds: () => treeCpuSeconds(postmaster.pid),
    totals: () => totals(process),
    async stop(signal) {
      process.signal(signal)
      await process.exited
    },
    end: async () => void (await endService(process)),
  }
}

/** Requests that a client left behind are looked at a moment after it is gone: until none is counted any more. */
async function totals(process: ServiceProcess): Promise<Totals> {
  for (;;) {
    const { accepted } = (await readHealth(process.url)).clicks
    const stored = await storedClicks(process)
    if ((await readHealth(process.url)).clicks.accepted === accepted) return { accepted, stored }
  }
}
