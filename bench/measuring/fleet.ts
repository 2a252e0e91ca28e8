import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbeddedPostgres } from '../../db/embedded/embedded.ts'
import { urlOf } from '../../db/embedded/url-file.ts'
import { readHealth } from './health.ts'
import type { Totals } from './server.ts'
import { CHECKOUT, type ServiceProcess, type Settings, startServiceProcess } from './service-process.ts'
import { flush, storedNow } from './stored.ts'

const LOOK_INTERVAL_MS = 50

/** Instances on one Postgres that is none of theirs. The system places them all. */
export interface Fleet extends AsyncDisposable {
  /** Those of the processes that run now. */
  readonly urls: readonly string[]
  /** Stops an instance. `again` starts it in the same place, and resolves when it is ready. */
  stop(index: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<{ again(): Promise<void> }>
  /** Clicks in Postgres, as they are. */
  stored(): Promise<number>
  /** Resolves when none is pending. What instances that were stopped have accepted is in no books: both are what is stored. */
  totals(): Promise<Totals>
}

export async function startFleet(count: number, settings: Settings = {}): Promise<Fleet> {
  await using parts = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-bench-'))
  parts.defer(() => rm(dataDir, { recursive: true, force: true }))
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => {} })
  parts.defer(() => postgres.stop())
  const common = { DATABASE_URL: urlOf(postgres.server), SERVER_THREADS: '1', ...settings }
  const services: ServiceProcess[] = []
  // Together, and the last ones to start end first.
  parts.defer(async () => void (await Promise.all(services.map(service => service.end()))))
  for (let nth = 0; nth < count; nth++) services.push(await startServiceProcess(CHECKOUT, common, []))
  const running = parts.move()
  return {
    get urls() {
      return services.map(({ url }) => url)
    },
    async stop(index, signal) {
      const { url, dataDir: DATA_DIR, stop } = services[index]!
      await stop(signal)
      const SERVER_PORT = new URL(url).port
      return {
        async again() {
          services[index] = await startServiceProcess(CHECKOUT, { ...common, DATA_DIR, SERVER_PORT }, [])
          await until(async () => (await fetch(`${url}/health/ready`)).status === 200)
        },
      }
    },
    stored: () => storedNow(dataDir),
    async totals() {
      for (const { url } of services) {
        await flush(url)
        await until(async () => (await readHealth(url)).clicks.pending === 0)
      }
      const stored = await storedNow(dataDir)
      return { accepted: stored, stored }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(LOOK_INTERVAL_MS)
}
