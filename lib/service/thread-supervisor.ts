import { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import type { Flusher } from '../flush/flusher.ts'
import type { FromRequestThread, RequestThreadData, ToRequestThread } from '../messages.ts'
import type { Generations } from '../ring/generations.ts'
import { fixSemiSpaces } from './semi-space.ts'

const ENTRY = new URL('../../workers/request.ts', import.meta.url)
/** A thread that dies sooner than this after its start waits as long before the next one. */
const SHORT_LIFE_MS = 1000
/** What a thread may take to end when all is answered. */
const END_MS = 500

export interface ThreadSupervisorOptions {
  readonly threadCount: number
  readonly data: Omit<RequestThreadData, 'threadIndex'>
  readonly generations: Generations
  readonly flusher: Flusher
  readonly log: Logger
}

/** The request threads as main sees them: started, asked on behalf of, started again when they die, stopped. */
export class ThreadSupervisor {
  readonly #options: ThreadSupervisorOptions
  readonly #workers = new Map<number, Worker>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #resourceLimits = fixSemiSpaces()
  #isStopping = false

  constructor(options: ThreadSupervisorOptions) {
    this.#options = options
  }

  /** Resolves when all threads listen. Rejects when one cannot. */
  async start(): Promise<void> {
    const { threadCount } = this.#options
    await Promise.all(Array.from({ length: threadCount }, (_, threadIndex) => this.#startThread(threadIndex)))
  }

  /**
   * Stops accepting and resolves when every thread has answered what it had, or was cut off after `graceMs`.
   * A thread that does not end soon after, held by a connection to a Postgres that hangs, is ended.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true
    for (const timer of this.#timers) clearTimeout(timer)
    const exits = [...this.#workers.values()].map(
      worker => new Promise<void>(resolve => worker.once('exit', () => resolve())),
    )
    for (const worker of this.#workers.values())
      worker.postMessage({ kind: 'stop', graceMs } satisfies ToRequestThread)
    const timer = setTimeout(() => {
      for (const worker of this.#workers.values()) void worker.terminate()
    }, graceMs + END_MS)
    await Promise.all(exits)
    clearTimeout(timer)
  }

  #startThread(threadIndex: number): Promise<void> {
    const { data, log } = this.#options
    const startedAtMs = performance.now()
    const listening = Promise.withResolvers<void>()
    const workerData: RequestThreadData = { ...data, threadIndex }
    const worker = new Worker(ENTRY, {
      workerData,
      name: `request ${threadIndex}`,
      resourceLimits: this.#resourceLimits,
    })
    this.#workers.set(threadIndex, worker)
    const asks = new Map<number, AbortController>()
    let isListening = false
    worker.on('message', (message: FromRequestThread) => {
      if (message.kind === 'ask') void this.#flush(worker, message, asks)
      else if (message.kind === 'withdraw') asks.get(message.askId)?.abort()
      else if (message.kind === 'failure') {
        const { what, error, requestId } = message
        log.error({ err: error, threadIndex, requestId: requestId ?? undefined }, what)
      } else {
        isListening = true
        listening.resolve()
      }
    })
    // Without this listener the thread's error would be the process's.
    worker.on('error', error => {
      if (isListening) log.error({ err: error, threadIndex }, 'a request thread died')
      else listening.reject(error)
    })
    worker.on('exit', exitCode => {
      this.#workers.delete(threadIndex)
      for (const ask of asks.values()) ask.abort()
      // From now on it touches nothing: the flush worker may be waiting for it. Before it is started again.
      this.#options.generations.release(threadIndex)
      if (!isListening) listening.reject(new Error(`request thread ${threadIndex} exited with ${exitCode}`))
      else if (!this.#isStopping) this.#restartThread(threadIndex, startedAtMs)
    })
    return listening.promise
  }

  #restartThread(threadIndex: number, startedAtMs: number): void {
    const delayMs = performance.now() - startedAtMs < SHORT_LIFE_MS ? SHORT_LIFE_MS : 0
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      const triedAtMs = performance.now()
      this.#startThread(threadIndex).then(
        () => this.#options.log.warn({ threadIndex }, 'the request thread was started again'),
        error => {
          this.#options.log.error({ err: error, threadIndex }, 'the request thread cannot be started again')
          if (!this.#isStopping) this.#restartThread(threadIndex, triedAtMs)
        },
      )
    }, delayMs)
    this.#timers.add(timer)
  }

  /** `asks` has those of this thread that are not answered yet. */
  async #flush(
    worker: Worker,
    { askId, generation, until }: FromRequestThread & { kind: 'ask' },
    asks: Map<number, AbortController>,
  ): Promise<void> {
    const ask = new AbortController()
    asks.set(askId, ask)
    const error = await this.#options.flusher.ask(generation, until, ask.signal).then(
      () => null,
      (error: Error) => error.message,
    )
    asks.delete(askId)
    if (!ask.signal.aborted) worker.postMessage({ kind: 'settled', askId, error } satisfies ToRequestThread)
  }
}
