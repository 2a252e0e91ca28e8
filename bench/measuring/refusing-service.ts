import { clicksOver, runWrk } from '../load/wrk.ts'
import { moveToServerCore } from '../machine/cores.ts'
import { processCpuSeconds } from '../machine/cpu.ts'
import { readHealth } from './health.ts'
import type { Server } from './server.ts'
import { CHECKOUT, type ServiceProcess, startServiceProcess } from './service-process.ts'

/** Nobody listens there. */
const DATABASE_URL = 'postgresql://nobody@127.0.0.1:1/nothing'
/** The least that can be set. */
const JOURNAL_MAX_BYTES = String(2 ** 20)
/** More of them than the journal has room for, however it is compacted. */
const BANNERS = 100_000
const PATIENCE_ROUNDS = 30

/** The service, refusing each click: its database is away, and what may wait for it takes all the room there is. */
export async function startRefusingService(): Promise<Server & ServiceProcess> {
  const service = await startServiceProcess(
    CHECKOUT,
    { SERVER_THREADS: '1', DATABASE_URL, JOURNAL_MAX_BYTES },
    [],
  )
  const accepted = async () => (await readHealth(service.url)).clicks.accepted
  try {
    moveToServerCore(service.pid)
    await fill(service.url)
  } catch (error) {
    await service.end()
    throw error
  }
  return {
    ...service,
    cpuSeconds: () => processCpuSeconds(service.pid),
    databaseCpuSeconds: () => 0,
    accepted,
    // What was accepted before waits for a database that never comes. Only the books can tell.
    totals: async () => {
      const total = await accepted()
      return { accepted: total, stored: total }
    },
  }
}

async function fill(url: string): Promise<void> {
  for (let round = 0; round < PATIENCE_ROUNDS; round++) {
    if ((await fetch(`${url}/counter/1`)).status === 503) return
    await runWrk(url, { seconds: 1, script: clicksOver(BANNERS) })
  }
  throw new Error('the service should refuse clicks when its journal is full, but accepts them')
}
