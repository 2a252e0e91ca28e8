import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** A thread of a test. Its first message is its result. */
interface TestWorker<Result> {
  readonly worker: Worker
  /** Rejects when the thread dies before it has posted anything. */
  readonly result: Promise<Result>
  /** Ends it at once. */
  end(): Promise<void>
}

export function startWorker<Result>(entry: URL, data: object): TestWorker<Result> {
  const worker = new Worker(entry, { workerData: data })
  const { promise, resolve, reject } = Promise.withResolvers<Result>()
  worker.once('message', resolve)
  worker.once('error', reject)
  worker.once('exit', code => reject(new Error(`the thread exited with ${code} before its result`)))
  // A test that does not wait for the result ends the thread first.
  promise.catch(() => {})
  return { worker, result: promise, end: async () => void (await worker.terminate()) }
}

/** Lets threads begin at the same moment: each one waits until all have come. */
export class Barrier {
  readonly handle: { readonly buffer: SharedArrayBuffer; readonly threadCount: number }
  readonly #arrived: Int32Array

  constructor(handle: Barrier['handle']) {
    this.handle = handle
    this.#arrived = new Int32Array(handle.buffer)
  }

  static for(threadCount: number): Barrier {
    return new Barrier({ threadCount, buffer: new SharedArrayBuffer(4) })
  }

  /** Blocks the thread. */
  pass(): void {
    let arrived = Atomics.add(this.#arrived, 0, 1) + 1
    Atomics.notify(this.#arrived, 0)
    for (; arrived < this.handle.threadCount; arrived = Atomics.load(this.#arrived, 0))
      Atomics.wait(this.#arrived, 0, arrived)
  }
}

/** Rejects when the promise has not settled in time. For waits that could last for ever. */
export async function within<T>(timeoutMs: number, waitingFor: string, promise: Promise<T>): Promise<T> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeoutMs)
  const aborted = once(controller.signal, 'abort').then(() => {
    throw new Error(`${waitingFor}: not within ${timeoutMs} ms`)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    clearTimeout(timer)
  }
}

/** Lets a test see whether a promise has settled. */
export function watch<T>(promise: Promise<T>) {
  const watched = { isDone: false, done: promise }
  const settle = () => {
    watched.isDone = true
  }
  promise.then(settle, settle)
  return watched
}
