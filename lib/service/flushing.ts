import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { Conditions } from '../books/conditions.ts'
import { ServiceBooks } from '../books/service-books.ts'
import type { Config, DatabaseServer } from '../config/config.ts'
import { Flusher } from '../flush/flusher.ts'
import { LedgerReport } from '../flush/ledger-report.ts'
import { FlushReport } from '../flush/report.ts'
import { openFlushWorker } from '../flush/worker-pool.ts'
import type { JournalPlace } from '../journal/append/segment.ts'
import { JournalDirectory } from '../journal/keep/directory.ts'
import { JournalKeeper } from '../journal/keep/keeper.ts'
import { watchLog } from '../log/log.ts'
import type { LogOutput } from '../log/log-output.ts'
import { SharedMemory } from '../memory/shared-memory.ts'
import { watchClientTables } from './client-tables.ts'
import { watchRoom } from './room-watch.ts'

interface FlushingOptions {
  readonly config: Config
  readonly threadCount: number
  readonly database: DatabaseServer
  readonly log: Logger
  readonly logOutput: LogOutput
}

/** Main's parts of a click's way from the ring into Postgres. */
export interface Flushing {
  readonly memory: SharedMemory
  readonly books: ServiceBooks
  readonly conditions: Conditions
  readonly report: FlushReport
  readonly flusher: Flusher
  readonly journalPlace: JournalPlace
  /** This life of the process, in the ledger and among the instances. */
  readonly writer: string
}

/**
 * Makes the shared memory, opens the journal and makes the flush worker ready, until `undo`. Does not start
 * the flusher.
 */
export function openFlushing(options: FlushingOptions, undo: AsyncDisposableStack): Flushing {
  const { config, threadCount, database, log, logOutput } = options
  const memory = SharedMemory.create({
    threadCount,
    maxBanners: config.maxBanners,
    duplicateWindowMs: config.classes.duplicateWindowMs,
    clientClicksPerMinute: config.clientClicksPerMinute,
  })
  const writer = randomUUID()
  const directory = new JournalDirectory(config.dataDir, writer)
  // Before a thread is told the writer: a row in the ledger whose writer has no mark
  // on disk would stay for ever.
  directory.open()
  const books = new ServiceBooks(memory)
  books.set('startedAtMs', Date.now())
  const conditions = new Conditions(memory, log)
  const logWatch = watchLog(logOutput, conditions, books)
  undo.defer(() => logWatch.stop())
  const roomWatch = watchRoom(memory, conditions)
  undo.defer(() => roomWatch.stop())
  const clientTables = watchClientTables(memory)
  undo.defer(() => clientTables.stop())
  const report = new FlushReport(memory, books, conditions, log)
  const worker = openFlushWorker({
    memory: memory.handle,
    database,
    writer,
    journalDirectory: directory.path,
    batchRows: config.clickFlusher.batchRows,
    isDatabaseOurs: config.database.server === null,
    idempotencyKeyDays: config.idempotencyKeyDays,
  })
  undo.defer(() => worker.close())
  const keeping = { writer, keepMs: config.journal.keepMs, books, conditions, log }
  const flusher = new Flusher({
    memory,
    books,
    report,
    ledgerReport: new LedgerReport(conditions, log),
    journal: new JournalKeeper(directory, keeping),
    worker,
    writer,
    intervalMs: config.clickFlusher.intervalMs,
    maxBacklogBytes: config.journal.maxBytes,
  })
  const journalPlace = { directory: directory.path, writer, sync: config.journal.sync }
  return { memory, books, conditions, report, flusher, journalPlace, writer }
}
