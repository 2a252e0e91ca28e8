import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { TestDatabase } from '../../support/database.ts'
import type { Script } from './exchange.ts'
import type { Difference, Sides } from './sides.ts'

const ENTRY = new URL('./sides-thread.ts', import.meta.url)
const MOST_THREADS = 4

/** As startSides, on every core: thousands of scripts are thousands of connections. */
export async function startSidesOnCores({ server, url }: TestDatabase): Promise<Sides> {
  const workers = Array.from(
    { length: Math.min(MOST_THREADS, availableParallelism()) },
    () => new Worker(ENTRY, { workerData: { server, url } }),
  )
  return {
    async compare(scripts) {
      const shares = workers.map((_, share) => scripts.filter((_, index) => index % workers.length === share))
      const differences = await Promise.all(workers.map((worker, share) => ask(worker, shares[share]!)))
      return differences.flat()
    },
    async stop() {
      await Promise.all(
        workers.map(worker => {
          worker.postMessage(null)
          return once(worker, 'exit')
        }),
      )
    },
  }
}

async function ask(worker: Worker, scripts: readonly Script[]): Promise<Difference[]> {
  worker.postMessage(scripts)
  const [differences] = await once(worker, 'message')
  return differences
}
