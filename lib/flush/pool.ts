import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { FlushResult, FlushTask, FlushWorkerData } from '../messages.ts'

export interface FlushWorker {
  /** Rejects when the worker died over the task; the next task finds a new one. */
  run(task: FlushTask): Promise<FlushResult>
  close(): Promise<void>
}

/** The flush worker: one thread, never more, kept between flushes for its connection. */
export function startFlushWorker(data: FlushWorkerData): FlushWorker {
  let pool: Piscina<FlushTask, FlushResult> | null = null
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
    run: task => (pool ??= start()).run(task),
    close: async () => pool?.destroy(),
  }
}

/**
 * `atomics` is off since otherwise Piscina blocks the thread between two tasks, and with it the socket to
 * Postgres.
 */
function createPool(data: FlushWorkerData): Piscina<FlushTask, FlushResult> {
  const pool = new Piscina<FlushTask, FlushResult>({
    filename: fileURLToPath(new URL('../../workers/flush.ts', import.meta.url)),
    workerData: data,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'disabled',
    recordTiming: false,
  })
  // The task that was running rejects as well; an idle worker's death needs nothing but a new worker.
  pool.on('error', () => {})
  return pool
}
