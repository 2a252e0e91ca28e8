import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { TestDatabase } from '../../support/database.ts'
import type { Settings } from '../../support/settings.ts'
import type { Script } from './exchange.ts'
import type { Difference, Sides } from './sides.ts'

const ENTRY = new URL('./sides-thread.ts', import.meta.url)
const MOST_THREADS = 4

/** How both sides are started: see sides-thread.ts. */
export interface SidesOptions {
  readonly isDirect: boolean
  readonly settings: Settings
}

/** As startSides, on every core: thousands of scripts are thousands of connections. */
export async function startSidesOnCores(
  { server, url }: TestDatabase,
  options: SidesOptions,
): Promise<Sides> {
  const threads = Array.from(
    { length: Math.min(MOST_THREADS, availableParallelism()) },
    () => new SidesThread({ server, url, ...options }),
  )
  return {
    async compare(scripts) {
      const shares = threads.map((_, share) => scripts.filter((_, index) => index % threads.length === share))
      const differences = await Promise.all(threads.map((thread, share) => thread.compare(shares[share]!)))
      return differences.flat()
    },
    async stop() {
      await Promise.all(threads.map(thread => thread.stop()))
    },
  }
}

class SidesThread implements Sides {
  readonly #worker: Worker
  readonly #exited: Promise<unknown>

  constructor(data: Pick<TestDatabase, 'server' | 'url'> & SidesOptions) {
    this.#worker = new Worker(ENTRY, { workerData: data })
    this.#exited = new Promise(resolve => this.#worker.once('exit', resolve))
  }

  async compare(scripts: readonly Script[]): Promise<Difference[]> {
    this.#worker.postMessage(scripts)
    // One that has died over an earlier comparison never answers.
    const died = this.#exited.then(() => [new Error('the thread with both sides has ended')])
    const [answer] = await Promise.race([once(this.#worker, 'message'), died])
    if (answer instanceof Error) throw answer
    return answer
  }

  async stop(): Promise<void> {
    this.#worker.postMessage(null)
    await this.#exited
  }
}
