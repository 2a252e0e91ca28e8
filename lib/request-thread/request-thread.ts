import { KeyStore } from '../../db/access/key-store.ts'
import { BannerStore } from '../../db/banners/banner-store.ts'
import { readFingerprints } from '../../db/bulk-keys/read-fingerprints.ts'
import { openPool } from '../../db/connection/connect.ts'
import type { ConnectionPool } from '../../db/connection/hosts-pool.ts'
import { withClient } from '../../db/connection/with-client.ts'
import { readInstances } from '../../db/fleet/final-through.ts'
import { FleetStore } from '../../db/fleet/fleet-store.ts'
import { StatsReader } from '../../db/stats/read-stats.ts'
import type { ThreadAccess } from '../access/thread-access.ts'
import type { ThreadBanners } from '../banners/thread-banners.ts'
import { maxConnectionsPerThread } from '../base/descriptors.ts'
import { monotonicMs } from '../base/monotonic.ts'
import type { ReportFailure } from '../base/report-failure.ts'
import { throttled } from '../base/throttled.ts'
import { version } from '../base/version.ts'
import { keyedUseOfHalf } from '../books/balance.ts'
import { ThreadBooks } from '../books/thread-books.ts'
import type { BotRules } from '../bots/bot-rules.ts'
import type { Config } from '../config/config.ts'
import { FinalWatch } from '../http/api/stats/final-watch.ts'
import { openHttp } from '../http/assembly.ts'
import { BulkKeys } from '../ingest/bulk-keys.ts'
import { KnownKeys } from '../ingest/known-keys.ts'
import { maxTickRequests, Recorder } from '../ingest/recorder.ts'
import { StoredKeys } from '../ingest/stored-keys.ts'
import type { Segment } from '../journal/append/segment.ts'
import { CONTROL, DATABASE_DOWN } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { RequestThreadData } from '../messages.ts'
import { Generations } from '../ring/generations.ts'
import { Ring } from '../ring/ring.ts'
import type { FlushAsker } from './flush-asker.ts'
import { reportLoad } from './load.ts'

interface RequestThreadOptions
  extends Omit<RequestThreadData, 'journalPlace' | 'memory' | 'snapshot' | 'banners' | 'botLists'> {
  readonly journal: Pick<Segment, 'append' | 'close'>
  readonly memory: SharedMemory
  readonly askFlush: FlushAsker['ask']
  readonly access: ThreadAccess
  readonly banners: ThreadBanners
  /** null: bots' clicks are not told from people's. */
  readonly bots: BotRules | null
  readonly reportFailure: ReportFailure
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

interface RequestThread {
  readonly port: number
  /** Stops accepting, answers what has arrived, cuts off what has no answer after `graceMs`. */
  stop(graceMs: number): Promise<void>
}

/** Puts a request thread together: its HTTP server, its recorder, its connections to Postgres. */
export async function startRequestThread(options: RequestThreadOptions): Promise<RequestThread> {
  const { config, journal, memory, threadIndex, askFlush, access, banners, bots, now } = options
  const ring = new Ring(memory, banners.lookup)
  const generations = new Generations(memory)
  const books = new ThreadBooks(memory, threadIndex, now)
  const recorder = new Recorder({
    threadIndex,
    ring,
    generations,
    books,
    journal,
    maxTickRequests: maxTickRequests(config.journal.sync),
    keyedUseOfHalf: half => keyedUseOfHalf(memory, half),
    isBacklogFull: () => Atomics.load(memory.i32, CONTROL.backlogIsFull) !== 0,
    now,
    askForRoom: generation => askFlush(generation, 'collected'),
  })
  const poolSize = connectionsPerThread(config, memory.threadCount)
  const pool = openPool(options.database, `clickcounter request ${threadIndex}`, poolSize)
  const http = await openHttp({
    host: config.server.host,
    port: options.port,
    reusePort: options.reusePort,
    maxConnections: connectionsOfClients(config, memory.threadCount),
    isHotLaneOn: config.server.isHotLaneOn,
    trustedProxies: config.server.trustedProxies,
    corsOrigins: config.access.corsOrigins,
    ...{ recorder, books, bots },
    sources: { memory, ring, config, instance: options.instance, version },
    ...readersOf(pool),
    reportFailure: throttled(options.reportFailure),
    flushBefore: signal => askFlush(generations.current, 'stored', signal),
    ...{ access, banners, now },
    bannerStore: new BannerStore(pool),
    keys: new KeyStore(pool),
    fleet: new FleetStore(pool),
    bulkKeys: new BulkKeys(new KnownKeys(memory, now), storedKeysOf(pool, memory)),
  })
  const loadTimer = reportLoad(books)
  return {
    port: http.port,
    async stop(graceMs) {
      // HTTP stops first: answers in flight still append to the journal and read from Postgres. With the pool
      // closed they would become 503, and a click would open a journal file that nobody closes.
      await http.stop(graceMs)
      clearInterval(loadTimer)
      journal.close()
      await pool.end()
    },
  }
}

function readersOf(pool: ConnectionPool) {
  return {
    statsReader: new StatsReader(pool),
    finalWatch: new FinalWatch(() => withClient(pool, readInstances)),
  }
}

function storedKeysOf(pool: ConnectionPool, { i32 }: SharedMemory): StoredKeys {
  return new StoredKeys({
    read: keys => withClient(pool, client => readFingerprints(client, keys)),
    isDatabaseDown: () => Atomics.load(i32, CONTROL.databaseState) === DATABASE_DOWN,
    monotonicMs,
  })
}

function connectionsOfClients({ database }: Config, threadCount: number): number {
  return maxConnectionsPerThread({ threadCount, databaseConnections: database.maxOpenConnections })
}

/** The threads share evenly what the flush worker and main's watches, which share one connection, leave. */
function connectionsPerThread({ database }: Config, threadCount: number): number {
  return Math.max(1, Math.floor((database.maxOpenConnections - 2) / threadCount))
}
