import { randomUUID } from 'node:crypto'
import { Agent, get } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import type pg from 'pg'
import { JournalError, RingFullError } from '../../lib/base/errors.ts'
import { keyedUseOfHalf } from '../../lib/books/balance.ts'
import { Conditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import type { DatabaseServer } from '../../lib/config/config.ts'
import { Flusher } from '../../lib/flush/flusher.ts'
import { LedgerReport } from '../../lib/flush/ledger-report.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import { openFlushWorker } from '../../lib/flush/worker-pool.ts'
import { storeItem } from '../../lib/flush-worker/store.ts'
import { maxTickRequests, Recorder } from '../../lib/ingest/recorder.ts'
import { createLog } from '../../lib/log/log.ts'
import { CONTROL } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { readText } from '../../lib/memory/shared-text.ts'
import type { FlushWorkerData } from '../../lib/messages.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import type { Batch } from '../../lib/rows/batch.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { readBalance } from '../support/balance.ts'
import { noJournal, noSegment } from '../support/no-journal.ts'
import { newSeed } from '../support/random.ts'

/** Ends what a test has started, and has not ended itself. */
const unfinished = new Set<() => void | Promise<void>>()

/** Leaves nothing running, even when the test has failed. */
export async function cleanUpAfterTest(): Promise<void> {
  for (const end of unfinished) await end()
  unfinished.clear()
}

/** Short: a test waits for the faults that it causes, and for little else. */
const INTERVAL_MS = 10

interface FlushingOptions {
  readonly maxBanners?: number
  readonly maxBacklogBytes?: number
  readonly intervalMs?: number
  readonly isDatabaseOurs?: boolean
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** The thread that has no recorder: tests move it themselves. */
export const FREE_THREAD = 1

/** A click's whole path without HTTP: one recorder in this thread, the flusher, and the real flush worker. */
export function startFlushing(server: DatabaseServer, options: FlushingOptions = {}) {
  const memory = SharedMemory.create({ threadCount: 2, maxBanners: options.maxBanners ?? 65_536 })
  const ring = new Ring(memory)
  const generations = new Generations(memory)
  const serviceBooks = new ServiceBooks(memory)
  const now = options.now ?? Date.now
  const books = new ThreadBooks(memory, 0, now)
  const writer = randomUUID()
  const worker = openFlushWorker({
    memory: memory.handle,
    database: server,
    writer,
    journalDirectory: '',
    batchRows: 2000,
    isDatabaseOurs: options.isDatabaseOurs ?? false,
    idempotencyKeyDays: 7,
  })
  const log = createLog('silent')
  const conditions = new Conditions(memory, log)
  const flusher = new Flusher({
    memory,
    books: serviceBooks,
    report: new FlushReport(memory, serviceBooks, conditions, log),
    ledgerReport: new LedgerReport(conditions, log),
    writer,
    journal: noJournal(),
    worker,
    intervalMs: options.intervalMs ?? INTERVAL_MS,
    maxBacklogBytes: options.maxBacklogBytes ?? 2 ** 30,
  })
  const abandon = async () => {
    await flusher.drain(AbortSignal.abort())
    await worker.close()
  }
  unfinished.add(abandon)
  const askForRoom = (generation: number) => flusher.ask(generation, 'collected')
  const isBacklogFull = () => Atomics.load(memory.i32, CONTROL.backlogIsFull) !== 0
  const recorder = new Recorder({
    threadIndex: 0,
    ring,
    generations,
    books,
    journal: noSegment,
    keyedUseOfHalf: half => keyedUseOfHalf(memory, half),
    isBacklogFull,
    maxTickRequests: maxTickRequests('write'),
    now,
    askForRoom,
  })
  flusher.start()
  flusher.allowStoring()
  return {
    memory,
    ring,
    generations,
    flusher,
    writer,
    /** Resolves when the clicks are acknowledged. */
    record: (bannerId: number, clicks = 1) => recorder.record(bannerId, VALID, clicks),
    balance: () => readBalance(memory),
    lastError: () => readText(memory, 'flushLastError'),
    /** Stores everything that was accepted so far, or rejects when Postgres does not take it. */
    flush: () => flusher.ask(generations.current, 'stored'),
    /** Stores everything and ends. */
    async finish(timeoutMs = 10_000) {
      const { clicks: leftClicks } = await flusher.drain(AbortSignal.timeout(timeoutMs))
      await worker.close()
      unfinished.delete(abandon)
      expect(leftClicks, 'clicks left after the last flush').to.equal(0)
      const { accepted, stored, pending } = readBalance(memory)
      expect({ stored, pending }).to.deep.equal({ stored: accepted, pending: 0 })
    },
  }
}

export type Flushing = ReturnType<typeof startFlushing>

/** Stores a batch as the flush worker would. The writer remembers none of its earlier tries. */
export async function storeAs(
  client: pg.Client,
  writer: string,
  item: Batch,
  batchRows = 2000,
): Promise<void> {
  const { rows } = await client.query('SELECT id FROM click_database')
  const task = {
    item,
    isUrgent: true,
    mayBeStored: true,
    database: rows[0].id,
    expected: new Map(),
    triedGeneration: 0,
  }
  await storeItem(client, task, { writer, batchRows } as FlushWorkerData)
}

/**
 * Clicks without end, a few each millisecond, each for a banner of its own. What was acknowledged must be in Postgres
 * exactly once, and what was refused must not be there.
 */
export class ClickStream {
  static #nextBannerId = 1
  readonly acknowledged: number[] = []
  readonly refused: number[] = []
  readonly #record: Flushing['record']
  readonly #clicksPerMs: number
  #isStopping = false
  readonly #ended: Promise<void>

  constructor({ record }: Pick<Flushing, 'record'>, clicksPerMs = 4) {
    this.#record = record
    this.#clicksPerMs = clicksPerMs
    unfinished.add(this.#end)
    this.#ended = this.#run()
  }

  /** Resolves when every click has been answered. */
  async stop(): Promise<void> {
    this.#end()
    await this.#ended
    unfinished.delete(this.#end)
  }

  readonly #end = () => {
    this.#isStopping = true
  }

  async #run(): Promise<void> {
    const clicks: Promise<void>[] = []
    while (!this.#isStopping) {
      for (let click = 0; click < this.#clicksPerMs; click++) clicks.push(this.#click())
      await setTimeout(1)
    }
    await Promise.all(clicks)
  }

  async #click(): Promise<void> {
    const bannerId = ClickStream.#nextBannerId++
    try {
      await this.#record(bannerId)
      this.acknowledged.push(bannerId)
    } catch (error) {
      if (!(error instanceof RingFullError || error instanceof JournalError)) throw error
      this.refused.push(bannerId)
    }
  }
}

/** Clicks over HTTP, on a few connections that stay open. */
export class HttpClicks {
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 })

  constructor(url: string) {
    this.#url = url
  }

  /** Resolves when the click is acknowledged, and rejects in all other cases. */
  readonly record = (bannerId: number): Promise<void> =>
    new Promise((resolve, reject) => {
      get(`${this.#url}/counter/${bannerId}`, { agent: this.#agent }, response => {
        response.resume().once('end', () => {
          if (response.statusCode === 204) resolve()
          else reject(new Error(`a click was answered with ${response.statusCode}`))
        })
      }).once('error', reject)
    });

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}

/** The oracle: every acknowledged click is counted once, and nothing else is counted. */
export async function expectExactlyOnce(
  database: { query(sql: string): Promise<object[]> },
  streams: readonly ClickStream[],
): Promise<void> {
  const rows = await database.query(
    'SELECT banner_id::int AS id, sum(clicks)::int AS clicks FROM click_minutes GROUP BY banner_id',
  )
  const counted = new Map((rows as { id: number; clicks: number }[]).map(({ id, clicks }) => [id, clicks]))
  const acknowledged = new Set(streams.flatMap(stream => stream.acknowledged))
  const wrong = {
    lost: [...acknowledged].filter(id => !counted.has(id)),
    doubled: [...counted.keys()].filter(id => counted.get(id) !== 1),
    never: [...counted.keys()].filter(id => !acknowledged.has(id)),
  }
  expect(acknowledged.size).to.be.above(0)
  expect(wrong).to.deep.equal({ lost: [], doubled: [], never: [] })
}

/** The worker threads that are started from now on. */
export function watchWorkers() {
  let newest: Worker | null = null
  let startedCount = 0
  const onWorker = (worker: Worker) => {
    newest = worker
    startedCount++
  }
  process.on('worker', onWorker)
  return {
    get startedCount() {
      return startedCount
    },
    /** Ends the newest one as a crash would, between any two of its instructions. */
    terminate: async () => void (await newest!.terminate()),
    [Symbol.dispose]: () => void process.off('worker', onWorker),
  }
}

/** A seed for a random sequence. It is printed: with it, a failure can be repeated. */
export function printedSeed(of: string): number {
  const seed = newSeed()
  console.log(`      seed of ${of}: ${seed}`)
  return seed
}
