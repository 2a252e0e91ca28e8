import type { ThreadBanners } from '../../lib/banners/thread-banners.ts'
import { Conditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { BotRules } from '../../lib/bots/bot-rules.ts'
import type { Config } from '../../lib/config/config.ts'
import { readConfig } from '../../lib/config/read.ts'
import { Flusher } from '../../lib/flush/flusher.ts'
import { LedgerReport } from '../../lib/flush/ledger-report.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import { openFlushWorker } from '../../lib/flush/worker-pool.ts'
import { createLog } from '../../lib/log/log.ts'
import { CONTROL, SERVICE_SERVING } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { startRequestThread } from '../../lib/request-thread/request-thread.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { ClientTables } from '../../lib/service/client-tables.ts'
import { readBalance } from './balance.ts'
import { noBanners } from './banners.ts'
import type { TestDatabase } from './database.ts'
import { openAccess, openKeyring } from './keys.ts'
import { noJournal, noSegment } from './no-journal.ts'
import { environmentOf, type Settings } from './settings.ts'

/**
 * One request thread in this process, with a clock that the test sets, and the real flush worker. A flush comes only
 * when a test, or an answer, asks for it.
 */
export async function startTestThread(
  database: Pick<TestDatabase, 'server' | 'url'>,
  options: {
    maxBanners?: number
    settings?: Settings
    banners?: ThreadBanners
    /** The thread's part of the journal. */
    journal?: typeof noSegment
  } = {},
) {
  const clock = { nowMs: Date.parse('2024-12-12T10:00:30Z') }
  const config = configFor(database.url, options.settings)
  const memory = SharedMemory.create({
    threadCount: 1,
    maxBanners: options.maxBanners ?? 1024,
    duplicateWindowMs: config.classes.duplicateWindowMs,
    clientClicksPerMinute: config.clientClicksPerMinute,
  })
  const clientTables = new ClientTables(memory)
  clientTables.look(clock.nowMs)
  const generations = new Generations(memory)
  const books = new ServiceBooks(memory)
  books.set('startedAtMs', clock.nowMs)
  const log = createLog('silent')
  const conditions = new Conditions(memory, log)
  const writer = crypto.randomUUID()
  const worker = openFlushWorker({
    memory: memory.handle,
    database: database.server,
    writer,
    journalDirectory: '',
    batchRows: 2000,
    isDatabaseOurs: false,
    idempotencyKeyDays: 7,
  })
  let isBudgetUsedUp = false
  const flusher = new Flusher({
    memory,
    books,
    report: new FlushReport(memory, books, conditions, log),
    ledgerReport: new LedgerReport(conditions, log),
    writer,
    journal: noJournal(),
    worker,
    intervalMs: 3_600_000,
    get maxBacklogBytes() {
      return isBudgetUsedUp ? 0 : 2 ** 30
    },
  })
  flusher.start()
  flusher.allowStoring()
  const keyring = openKeyring(() => clock.nowMs)
  const usedKeys: string[] = []
  const access = {
    keyring,
    refresh: () => Promise.resolve(),
    noteUse: (keyId: string) => void usedKeys.push(keyId),
  }
  const bots = config.classes.areBotsClassed ? new BotRules(null) : null
  const failures: { what: string; error: Error; requestId: string | null }[] = []
  const thread = await startRequestThread({
    config,
    instance: 'test:1',
    database: database.server,
    journal: options.journal ?? noSegment,
    memory,
    threadIndex: 0,
    port: 0,
    reusePort: false,
    access,
    banners: options.banners ?? noBanners,
    bots,
    reportFailure: (what, error, requestId) => failures.push({ what, error, requestId }),
    askFlush: (generation, until, signal) => flusher.ask(generation, until, signal),
    now: () => clock.nowMs,
  })
  Atomics.store(memory.i32, CONTROL.serviceState, SERVICE_SERVING)
  return {
    /** The present time of the thread. */
    clock,
    /** Failures that were reported to operators. */
    failures,
    /** What main is for its request threads. A test may put something in place of `refresh`. */
    access,
    /** There is no key in it, until the test replaces what it knows. */
    keyring,
    /** The ids of keys that have let somebody in. */
    usedKeys,
    memory,
    generations,
    /** null: bots are not told from people. */
    bots,
    /** What main does once a second. A clock that was put forward by more than a window needs it. */
    lookAtClients: () => clientTables.look(clock.nowMs),
    port: thread.port,
    url: `http://127.0.0.1:${thread.port}`,
    /** Stores everything accepted so far. */
    flush: () => flusher.ask(generations.current, 'stored'),
    /** As when what waits for Postgres has used up its room. The flusher, which looks every second, agrees. */
    refuseClicks(isRefusing: boolean): void {
      isBudgetUsedUp = isRefusing
      books.setBacklogIsFull(isRefusing)
    },
    balance: () => readBalance(memory),
    async stop() {
      await thread.stop(0)
      await flusher.drain(AbortSignal.timeout(5000))
      await worker.close()
    },
  }
}

/** A request thread in this process with nothing behind it: nobody flushes, and no database is asked. */
export async function startIdleThread() {
  const config = configFor('postgresql://nobody@127.0.0.1:1/nothing')
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
  new ServiceBooks(memory).set('startedAtMs', Date.now())
  const thread = await startRequestThread({
    config,
    instance: 'test:1',
    database: config.database.server!,
    journal: noSegment,
    memory,
    threadIndex: 0,
    port: 0,
    reusePort: false,
    access: openAccess(),
    banners: noBanners,
    bots: null,
    reportFailure: () => {},
    askFlush: () => Promise.reject(new Error('nobody flushes here')),
    now: Date.now,
  })
  return { memory, url: `http://127.0.0.1:${thread.port}`, stop: () => thread.stop(0) }
}

function configFor(databaseUrl: string, settings: Settings = {}): Config {
  const env = environmentOf({ DATABASE_URL: databaseUrl, SERVER_HOST: '127.0.0.1', ...settings })
  return readConfig({ env, cwd: process.cwd(), cores: 1 }).config
}

export type TestThread = Awaited<ReturnType<typeof startTestThread>>
