import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { FlushResult, FlushTask, FlushWorkerData } from '../messages.ts'

export interface FlushWorker {
  /** Rejects when the worker died over the task; the next task finds a new one. */
  run(task: FlushTask): Promise<FlushResult>
  close(): Promise<void>
}

/**
 * The flush worker: one thread, never more, kept between flushes for its connection. `atomics` is off since
 * otherwise Piscina blocks the thread between two tasks, and with it the socket to Postgres.
 */
export function startFlushWorker(data: FlushWorkerData): FlushWorker {
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
  return { run: task => pool.run(task), close: () => pool.destroy() }
}
