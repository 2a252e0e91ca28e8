import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { databaseFailure } from '../../db/connection/failure.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../db/embedded/embedded.ts'
import { migrate } from '../../db/schema/migrate.ts'
import { checkOpenFilesLimit } from '../base/descriptors.ts'
import { Conditions } from '../books/conditions.ts'
import { ServiceBooks } from '../books/service-books.ts'
import type { Config, DatabaseServer } from '../config/config.ts'
import { holdDirectory } from '../exclusive/directory.ts'
import { holdPort } from '../exclusive/port.ts'
import { Backoff } from '../flush/backoff.ts'
import { Flusher, type Leftover } from '../flush/flusher.ts'
import { LedgerReport } from '../flush/ledger-report.ts'
import { startFlushWorker } from '../flush/pool.ts'
import { FlushReport } from '../flush/report.ts'
import { JournalDirectory } from '../journal/keep/directory.ts'
import { JournalKeeper } from '../journal/keep/keeper.ts'
import { watchLog } from '../log/log.ts'
import type { LogOutput } from '../log/log-output.ts'
import { CONTROL, SERVICE_SERVING, SERVICE_STOPPING } from '../memory/layout.ts'
import { SharedMemory } from '../memory/shared-memory.ts'
import { Generations } from '../ring/generations.ts'
import { EmbeddedWatch } from './embedded-watch.ts'
import { ThreadSupervisor } from './thread-supervisor.ts'

/**
 * How long answers in flight are waited for at a stop, idle connections half as long; the rest of the deadline
 * is the last flush's.
 */
const ANSWER_GRACE_MS = 2000
/** How long a start waits for the tables; clicks are accepted meanwhile. */
const SCHEMA_WAIT_MS = 1000

export interface Service {
  readonly url: string
  /**
   * Serves on, not ready, for the time of the drain; then stops accepting, answers what is in flight, flushes
   * until `deadline`, stops the embedded Postgres. Resolves with what could not be stored.
   */
  stop(deadline: AbortSignal): Promise<Leftover>
}

/**
 * Starts everything and resolves when clicks are accepted, whether or not the database is there. Rejects
 * with a StartError, and leaves nothing running, when it cannot start here.
 */
export async function startService(config: Config, log: Logger, logOutput: LogOutput): Promise<Service> {
  await using undo = new AsyncDisposableStack()
  const directory = holdDirectory(config.dataDir)
  undo.defer(() => directory.release())
  const port = await holdPort(config.server.host, config.server.port)
  undo.defer(() => port.release())
  const threadCount = port.isReusable ? config.server.threads : 1
  if (threadCount < config.server.threads)
    log.warn('this platform cannot share a port between threads: one request thread serves all')
  checkOpenFilesLimit({ threadCount, databaseConnections: config.database.maxOpenConnections })

  const embedded = config.database.server === null ? await startEmbedded(config, log) : null
  if (embedded !== null) undo.defer(() => embedded.stop())
  const database = config.database.server ?? embedded!.server

  const memory = SharedMemory.create({ threadCount, maxBanners: config.maxBanners })
  const generations = new Generations(memory)
  const writer = randomUUID()
  const journalDirectory = new JournalDirectory(config.dataDir, writer)
  journalDirectory.open()
  const books = new ServiceBooks(memory)
  books.set('startedAtMs', Date.now())
  const conditions = new Conditions(memory, log)
  const logWatch = watchLog(logOutput, conditions, books)
  undo.defer(() => logWatch.stop())
  const report = new FlushReport(memory, books, conditions, log)
  const { intervalMs, batchRows } = config.clickFlusher
  const flushWorker = startFlushWorker({
    memory: memory.handle,
    database,
    writer,
    journalDirectory: journalDirectory.path,
    batchRows,
    isDatabaseOurs: embedded !== null,
  })
  undo.defer(() => flushWorker.close())
  const flusher = new Flusher({
    memory,
    books,
    report,
    ledgerReport: new LedgerReport(conditions, log),
    journal: new JournalKeeper(journalDirectory, {
      writer,
      keepMs: config.journal.keepMs,
      books,
      conditions,
      log,
    }),
    worker: flushWorker,
    writer,
    intervalMs,
    maxBacklogBytes: config.journal.maxBytes,
  })
  const threads = new ThreadSupervisor({
    threadCount,
    data: {
      config,
      database,
      journal: { directory: journalDirectory.path, writer, sync: config.journal.sync },
      memory: memory.handle,
      port: port.port,
      reusePort: port.isReusable,
    },
    generations,
    flusher,
    log,
  })
  undo.defer(() => threads.stop(0))
  await threads.start()
  Atomics.store(memory.i32, CONTROL.serviceState, SERVICE_SERVING)
  flusher.start()
  const watch = embedded === null ? null : new EmbeddedWatch(embedded, conditions, log)
  const schema = prepareSchema(database, flusher, report, log)
  // With a database that is there, the first question after the start finds its tables ready.
  await Promise.race([schema.firstAttempt, delay(SCHEMA_WAIT_MS, undefined, { ref: false })])

  const running = undo.move()
  return {
    url: `http://${urlHost(config.server.host)}:${port.port}`,
    async stop(deadline) {
      Atomics.store(memory.i32, CONTROL.serviceState, SERVICE_STOPPING)
      await delay(config.server.drainMs)
      await threads.stop(ANSWER_GRACE_MS)
      const leftover = await flusher.drain(deadline)
      schema.cancel()
      await watch?.stop()
      await running.disposeAsync().catch(error => log.error({ err: error }, 'something did not stop'))
      return leftover
    },
  }
}

async function startEmbedded(config: Config, log: Logger): Promise<EmbeddedPostgres> {
  const embedded = await startEmbeddedPostgres({ dataDir: config.dataDir, log: message => log.info(message) })
  if (embedded.isAdopted) log.info('took over the embedded Postgres that an earlier process left running')
  return embedded
}

/** Migrates as soon as the database is there; until then, batches wait. */
function prepareSchema(database: DatabaseServer, flusher: Flusher, report: FlushReport, log: Logger) {
  const backoff = new Backoff()
  const attempt = () =>
    migrate(database, { kind: 'up' }).then(
      applied => {
        if (applied.length > 0) log.info({ applied }, 'the tables were migrated')
        flusher.allowStoring()
      },
      (error: unknown) => {
        report.notPrepared(databaseFailure(error, database))
        flusher.refuseStoring()
        backoff.fail(attempt)
      },
    )
  return { firstAttempt: attempt(), cancel: () => backoff.reset() }
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
