import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { FlushWorkerData, StoreResult, StoreTask } from '../messages.ts'
import type { Batch } from '../rows/batch.ts'

/** Rejects when it died over a task, or a task threw; the next task finds a new worker. */
export interface FlushWorker {
  /** Takes the generation after this one out of the ring. */
  collect(collectedGeneration: number): Promise<Batch>
  /** Tries to bring the item into Postgres. */
  store(task: StoreTask): Promise<StoreResult>
  close(): Promise<void>
}

/**
 * The flush worker: one thread, never more, kept between flushes for its connection. It may be asked to
 * collect while it stores: most of that is waiting for Postgres.
 */
export function startFlushWorker(data: FlushWorkerData): FlushWorker {
  let pool: Piscina | null = null
  const start = () => {
    const started = createPool(data)
    // A pool replaces a dead thread by itself, but forgets a task that waits for the replacement should that
    // one die before it is ready. A new pool does not: it gives tasks to its first thread at once.
    started.once('workerDestroy', () => {
      if (pool === started) pool = null
      void started.destroy()
    })
    return started
  }
  pool = start()
  return {
    collect: collectedGeneration => (pool ??= start()).run(collectedGeneration, { name: 'collect' }),
    store: task => (pool ??= start()).run(task, { name: 'store' }),
    close: async () => pool?.destroy(),
  }
}

/**
 * `atomics` is off since otherwise Piscina blocks the thread between two tasks, and with it the socket to
 * Postgres.
 */
function createPool(data: FlushWorkerData): Piscina {
  const pool = new Piscina({
    filename: fileURLToPath(new URL('../../workers/flush.ts', import.meta.url)),
    workerData: data,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 2,
    idleTimeout: Number.POSITIVE_INFINITY,
    // A large batch is megabytes of text on its way to Postgres: garbage at once, and not to be waited for.
    resourceLimits: { maxYoungGenerationSizeMb: 3 },
    atomics: 'disabled',
    recordTiming: false,
  })
  // The task that was running rejects as well; an idle worker's death needs nothing but a new worker.
  pool.on('error', () => {})
  return pool
}
