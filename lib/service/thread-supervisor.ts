import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import type { AccessWatch } from '../access-watch/access-watch.ts'
import { buffersOf } from '../banner-watch/banner-publisher.ts'
import type { BannerTables } from '../banners/banner-table.ts'
import { NotStoredError } from '../base/errors.ts'
import type { Flusher } from '../flush/flusher.ts'
import type { FromRequestThread, Publication, RequestThreadData, ToRequestThread } from '../messages.ts'
import type { Generations } from '../ring/generations.ts'
import type { Watch } from '../watch/watch.ts'
import type { BotFiles } from './bot-files.ts'
import { Deliveries } from './deliveries.ts'
import { keepHeapsLevel } from './heap.ts'

const ENTRY = new URL('../../workers/request.ts', import.meta.url)
/** A thread that dies sooner than this after its start is started again after this time. */
const SHORT_LIFE_MS = 1000
/** A thread may take this long to take keys, banners or lists of bots. One that hangs must not hold up those of the others. */
const TAKE_MS = 1000
/** A thread may take this long to end once everything is answered. */
const END_MS = 500

interface ThreadSupervisorOptions {
  readonly threadCount: number
  readonly data: Omit<RequestThreadData, 'snapshot' | 'banners' | 'botLists' | 'threadIndex'>
  /** Where the keys come from. */
  readonly access: Pick<AccessWatch, 'snapshot' | 'refresh' | 'noteUse'>
  /** Where the banners come from. */
  readonly banners: Pick<Watch<BannerTables>, 'snapshot' | 'refresh'>
  /** Where the lists of bots come from. */
  readonly bots: Pick<BotFiles, 'lists'>
  readonly generations: Generations
  readonly flusher: Pick<Flusher, 'ask'>
  readonly log: Logger
}

/**
 * Main's side of the request threads: starts them, settles their asks, starts them again
 * when they die, stops them.
 */
export class ThreadSupervisor {
  readonly #options: ThreadSupervisorOptions
  readonly #workers = new Map<number, Worker>()
  readonly #deliveries = new Map<number, Deliveries>()
  readonly #restartTimers = new Set<NodeJS.Timeout>()
  readonly #resourceLimits = keepHeapsLevel()
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
   * Stops accepting. Resolves when every thread has answered what it had, or was cut off after `graceMs`. A
   * thread that does not end soon after that, held by a connection to a Postgres that hangs, is terminated.
   */
  async stop(graceMs: number): Promise<void> {
    // First: a thread that ended before this was set would be started again.
    this.#isStopping = true
    for (const timer of this.#restartTimers) clearTimeout(timer)
    // Before the message: a thread that exited before its listener was there would be waited for in vain.
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

  /**
   * Sends keys, banners or lists of bots to all threads. Resolves with true when each goes by them or has ended, with
   * false when one does not answer in time.
   */
  async publish(publication: Publication): Promise<boolean> {
    const taken = Promise.all(Array.from(this.#deliveries.values(), each => each.send(publication)))
    return await Promise.race([taken.then(() => true), delay(TAKE_MS, false, { ref: false })])
  }

  #startThread(threadIndex: number): Promise<void> {
    const { data, access, banners, bots, flusher, log } = this.#options
    const startedAtMs = performance.now()
    // From here to the end of this function, nothing is published. If the thread could be told of only after a
    // wait, it would miss what is published meanwhile.
    const workerData: RequestThreadData = {
      ...data,
      threadIndex,
      snapshot: access.snapshot,
      banners: banners.snapshot === null ? null : buffersOf(banners.snapshot),
      botLists: bots.lists,
    }
    const name = `request ${threadIndex}`
    const worker = new Worker(ENTRY, { workerData, name, resourceLimits: this.#resourceLimits })
    this.#workers.set(threadIndex, worker)
    const asks = new Asks(worker, flusher)
    const deliveries = new Deliveries(worker)
    this.#deliveries.set(threadIndex, deliveries)
    const listening = Promise.withResolvers<void>()
    let isListening = false
    worker.on('message', (message: FromRequestThread) => {
      if (message.kind === 'ask') void asks.add(message)
      else if (message.kind === 'withdraw') asks.withdraw(message.askId)
      else if (message.kind === 'taken') deliveries.taken()
      else if (message.kind === 'refresh') void this.#refresh(worker, message)
      else if (message.kind === 'keyUsed') access.noteUse(message.use)
      else if (message.kind === 'failure') this.#logFailure(threadIndex, message)
      else {
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
      this.#deliveries.delete(threadIndex)
      deliveries.end()
      asks.withdrawAll()
      this.#release(threadIndex)
      if (!isListening) listening.reject(new Error(`request thread ${threadIndex} exited with ${exitCode}`))
      else if (!this.#isStopping) this.#restartThread(threadIndex, startedAtMs)
    })
    return listening.promise
  }

  /**
   * At the thread's end, when it touches nothing any more: the flush worker may wait for it to leave its generation.
   * Before the next thread has the index: that thread would be taken out of a generation in which it counts.
   */
  #release(threadIndex: number): void {
    const { generations, flusher } = this.#options
    generations.release(threadIndex)
    // It may have journaled clicks that nobody has booked. Without a further click, nobody would store them, and nothing
    // after them would be final.
    if (!this.#isStopping) void flusher.ask(generations.current, 'collected')
  }

  #restartThread(threadIndex: number, startedAtMs: number): void {
    const delayMs = performance.now() - startedAtMs < SHORT_LIFE_MS ? SHORT_LIFE_MS : 0
    const timer = setTimeout(() => {
      this.#restartTimers.delete(timer)
      const triedAtMs = performance.now()
      this.#startThread(threadIndex).then(
        () => this.#options.log.warn({ threadIndex }, 'the request thread was started again'),
        error => {
          this.#options.log.error({ err: error, threadIndex }, 'the request thread cannot be started again')
          if (!this.#isStopping) this.#restartThread(threadIndex, triedAtMs)
        },
      )
    }, delayMs)
    this.#restartTimers.add(timer)
  }

  async #refresh(
    worker: Worker,
    { refreshId, what, cause }: FromRequestThread & { kind: 'refresh' },
  ): Promise<void> {
    const { access, banners } = this.#options
    await (what === 'keys' ? access : banners).refresh(cause)
    worker.postMessage({ kind: 'refreshed', refreshId } satisfies ToRequestThread)
  }

  #logFailure(threadIndex: number, failure: FromRequestThread & { kind: 'failure' }): void {
    const { what, error, requestId } = failure
    this.#options.log.error({ err: error, threadIndex, requestId: requestId ?? undefined }, what)
  }
}

/** The asks of one thread that are not settled. */
class Asks {
  readonly #worker: Worker
  readonly #flusher: Pick<Flusher, 'ask'>
  readonly #withdrawals = new Map<number, AbortController>()

  constructor(worker: Worker, flusher: Pick<Flusher, 'ask'>) {
    this.#worker = worker
    this.#flusher = flusher
  }

  /** Has the flusher flush, and tells the thread how that has ended, unless it has withdrawn the ask. */
  async add({ askId, generation, until }: FromRequestThread & { kind: 'ask' }): Promise<void> {
    const withdrawal = new AbortController()
    this.#withdrawals.set(askId, withdrawal)
    const outcome = await this.#flusher.ask(generation, until, withdrawal.signal).then(
      () => 'reached' as const,
      (error: Error) => (error instanceof NotStoredError ? 'notStored' : 'unavailable'),
    )
    this.#withdrawals.delete(askId)
    if (!withdrawal.signal.aborted)
      this.#worker.postMessage({ kind: 'settled', askId, outcome } satisfies ToRequestThread)
  }

  withdraw(askId: number): void {
    this.#withdrawals.get(askId)?.abort()
  }

  /** The thread has ended. */
  withdrawAll(): void {
    for (const withdrawal of this.#withdrawals.values()) withdrawal.abort()
  }
}
