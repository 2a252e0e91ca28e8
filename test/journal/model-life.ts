import { randomUUID } from 'node:crypto'
import { keyedUseOfHalf } from '../../lib/books/balance.ts'
import { Conditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import type { JournalSync } from '../../lib/config/config.ts'
import { Flusher } from '../../lib/flush/flusher.ts'
import { LedgerReport } from '../../lib/flush/ledger-report.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import { collect } from '../../lib/flush-worker/collect.ts'
import { storeItem } from '../../lib/flush-worker/store.ts'
import { storeFailure } from '../../lib/flush-worker/store-transaction.ts'
import { Recorder } from '../../lib/ingest/recorder.ts'
import { freeKept } from '../../lib/journal/append/free-kept.ts'
import { Segment } from '../../lib/journal/append/segment.ts'
import { readGeneration } from '../../lib/journal/files/batch-file.ts'
import { JournalDirectory } from '../../lib/journal/keep/directory.ts'
import { JournalKeeper } from '../../lib/journal/keep/keeper.ts'
import { createLog } from '../../lib/log/log.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { StoreResult, StoreTask } from '../../lib/messages.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { FULL, Ring } from '../../lib/ring/ring.ts'
import type { Batch } from '../../lib/rows/batch.ts'
import type { ClickClass } from '../../lib/rows/classes.ts'
import type { Pairs } from '../../lib/rows/keyed-bulk.ts'
import { Sums } from '../../lib/rows/sums.ts'
import type { ModelDisk } from './model-disk.ts'
import { type ModelPostgres, WorkerDeath } from './model-postgres.ts'

const log = createLog('silent')
/** Few, so that most turns have several ticks. */
const TICK_REQUESTS = 3

export interface LifeOptions {
  readonly dataDir: string
  readonly disk: Pick<ModelDisk, 'isDead'>
  readonly postgres: Pick<ModelPostgres, 'client'>
  readonly sync: JournalSync
  /** Waiting batches are written as files each time they grow, not only when that saves bytes. */
  readonly isCompacting: boolean
  readonly maxBanners: number
  readonly now: () => number
  /** The name of the process that this one is a clone of. */
  readonly writer?: string
}

/** One life of the service, without HTTP and without threads. Killing it is forgetting it. */
export function startLife({
  dataDir,
  disk,
  postgres,
  sync,
  isCompacting,
  maxBanners,
  now,
  ...clone
}: LifeOptions) {
  const writer = clone.writer ?? randomUUID()
  const memory = SharedMemory.create({ threadCount: 2, maxBanners })
  const ring = new Ring(memory)
  const generations = new Generations(memory)
  const books = new ServiceBooks(memory)
  const conditions = new Conditions(memory, log)
  const directory = new JournalDirectory(dataDir, writer)
  directory.open()
  const data = {
    memory: memory.handle,
    database: {} as never,
    writer,
    journalDirectory: directory.path,
    batchRows: 3,
    isDatabaseOurs: false,
    idempotencyKeyDays: 7,
  }

  /** The worker of a dead process does nothing and never answers, so nothing goes on after its tasks. */
  async function unlessDead<T>(task: () => Promise<T>): Promise<T> {
    const never = new Promise<never>(() => {})
    if (disk.isDead) return never
    const result = await task()
    return disk.isDead ? never : result
  }

  async function store(task: StoreTask): Promise<StoreResult> {
    try {
      return { outcome: await storeItem(postgres.client, task, data), weaknesses: null, durationMs: 0 }
    } catch (error) {
      if (error instanceof WorkerDeath) throw error
      return { outcome: storeFailure(error, data.database), weaknesses: null, durationMs: 0 }
    }
  }

  const keepMs = Number.POSITIVE_INFINITY
  const journal = new JournalKeeper(directory, { writer, keepMs, books, conditions, log })
  if (isCompacting) journal.grown = batch => writeAnyway(directory, batch)
  const readJournaled = (generation: number) => readGeneration(directory.path, writer, generation)
  const flusher = new Flusher({
    memory,
    books,
    report: new FlushReport(memory, books, conditions, log),
    ledgerReport: new LedgerReport(conditions, log),
    writer,
    worker: {
      collect: after => unlessDead(() => collect(memory, ring, generations, after, readJournaled)),
      store: task => unlessDead(() => store(task)),
    },
    journal,
    intervalMs: 2 ** 30,
    maxBacklogBytes: 2 ** 30,
  })
  const segments = [0, 1].map(
    threadIndex => new Segment({ directory: directory.path, writer, sync, threadIndex }),
  )
  const recorders = segments.map(
    (journal, threadIndex) =>
      new Recorder({
        threadIndex,
        ring,
        generations,
        books: new ThreadBooks(memory, threadIndex, now),
        journal,
        keyedUseOfHalf: half => keyedUseOfHalf(memory, half),
        isBacklogFull: () => false,
        maxTickRequests: TICK_REQUESTS,
        now,
        askForRoom: generation => flusher.ask(generation, 'collected'),
      }),
  )
  flusher.start()
  flusher.allowStoring()

  /** A thread dies when it has added one pair of a bulk. It may have journaled the whole bulk before. */
  function dieInBulk(thread: number, clickClass: ClickClass, { pairs }: Pairs, isJournaled: boolean): void {
    const generation = generations.enter(thread)
    const minute = Math.floor(now() / 60_000)
    const [bannerId, clicks] = pairs as unknown as [number, number]
    try {
      const result = ring.add(generation % HALF_COUNT, minute, bannerId, clickClass, clicks)
      if (result !== FULL && isJournaled)
        segments[thread]!.append(generation, new Sums(), [{ minute, clickClass, pairs }])
    } finally {
      generations.release(thread)
    }
  }

  return {
    memory,
    writer,
    journal,
    flusher,
    dieInBulk,
    /** A request thread needs the room of kept files. */
    evict: (bytes: number) => freeKept(directory.path, writer, bytes),
    record: (thread: number, ...click: Parameters<Recorder['record']>) => recorders[thread]!.record(...click),
    recordAll: (thread: number, ...bulk: Parameters<Recorder['recordAll']>) =>
      recorders[thread]!.recordAll(...bulk),
    recordKeyed: (thread: number, ...bulk: Parameters<Recorder['recordKeyed']>) =>
      recorders[thread]!.recordKeyed(...bulk),
    flush: (until: 'collected' | 'stored') => flusher.ask(generations.current, until),
    /** Closes the files that the kernel would have closed. */
    closeFiles: () => segments.forEach(segment => void segment.close()),
  }
}

/** Like JournalKeeper: on a failing disk, the batch stays in its ticks' files. */
function writeAnyway(directory: JournalDirectory, batch: Batch): void {
  try {
    directory.writeBatch(batch)
  } catch {}
}

export type Life = ReturnType<typeof startLife>
