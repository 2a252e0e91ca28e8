import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { FlushWorkerData, FlushWorkerTasks } from '../messages.ts'

/**
 * Main's side of the flush worker. A task rejects when it threw or the worker died. The
 * next task finds a new worker.
 */
interface FlushWorker extends FlushWorkerTasks {
  close(): Promise<void>
}

/**
 * The flush worker: one thread, never more, kept between flushes for its connection. It may be told to collect
 * while it stores: most of storing is waiting for Postgres. The thread starts with its first task: earlier, it
 * would load its modules beside the request threads, and the first click would come later.
 */
export function openFlushWorker(data: FlushWorkerData): FlushWorker {
  let pool: Piscina | null = null
  const start = () => {
    const started = createPool(data)
    // Piscina replaces a dead thread. But when the replacement dies before it is ready, Piscina
    // forgets the task that waits for it, and the flusher would wait for ever. A new pool gives tasks
    // to its first thread at once.
    started.once('workerDestroy', () => {
      // Before the destruction, which takes a while: a task that came meanwhile
      // would go to the pool that ends.
      if (pool === started) pool = null
      void started.destroy()
    })
    return started
  }
  return {
    collect: collectedGeneration => (pool ??= start()).run(collectedGeneration, { name: 'collect' }),
    store: task => (pool ??= start()).run(task, { name: 'store' }),
    close: async () => pool?.destroy(),
  }
}

function createPool(data: FlushWorkerData): Piscina {
  const pool = new Piscina({
    filename: fileURLToPath(new URL('../../workers/flush.ts', import.meta.url)),
    workerData: data,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 2,
    idleTimeout: Number.POSITIVE_INFINITY,
    // A large batch is megabytes of text on its way to Postgres, and garbage at once. A small
    // new space collects it soon.
    resourceLimits: { maxYoungGenerationSizeMb: 3 },
    // Otherwise Piscina blocks the thread between two tasks, and with it the socket to Postgres.
    atomics: 'disabled',
    recordTiming: false,
  })
  // Without this listener the thread's error would be the process's. A task that was running rejects as well,
  // and an idle worker that died only needs to be replaced.
  pool.on('error', () => {})
  return pool
}
