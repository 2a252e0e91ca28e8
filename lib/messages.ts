import type { DatabaseFailure } from '../db/connection/failure.ts'
import type { AccessSnapshot } from './access/snapshot.ts'
import type { RefreshCause } from './base/refresh-cause.ts'
import type { BotLists } from './bots/bot-lists.ts'
import type { Config, DatabaseServer } from './config/config.ts'
import type { JournalPlace } from './journal/append/segment.ts'
import type { BacklogItem } from './journal/files/item.ts'
import type { SharedMemoryHandle } from './memory/shared-memory.ts'
import type { Batch } from './rows/batch.ts'
import type { ByClass } from './rows/classes.ts'
import type { KeyedBulk } from './rows/keyed-bulk.ts'

/**
 * Everything that crosses a thread border, apart from the contents of the shared
 * memory. Any thread imports it.
 *
 * | from           | to             | what                            | sent by                       | received by                  |
 * |----------------|----------------|---------------------------------|-------------------------------|------------------------------|
 * | main           | request thread | RequestThreadData, at its start | service/thread-supervisor.ts  | workers/request.ts           |
 * | main           | request thread | ToRequestThread: Publication    | service/deliveries.ts         | workers/request.ts           |
 * | main           | request thread | ToRequestThread: the others     | service/thread-supervisor.ts  | workers/request.ts           |
 * | request thread | main           | FromRequestThread: asks         | request-thread/flush-asker.ts | service/thread-supervisor.ts |
 * | request thread | main           | FromRequestThread: keys         | request-thread/key-link.ts    | service/thread-supervisor.ts |
 * | request thread | main           | FromRequestThread: banners      | request-thread/banner-link.ts | service/thread-supervisor.ts |
 * | request thread | main           | FromRequestThread: refreshes    | request-thread/refreshes.ts   | service/thread-supervisor.ts |
 * | request thread | main           | FromRequestThread: the others   | workers/request.ts            | service/thread-supervisor.ts |
 * | main           | flush worker   | FlushWorkerData, at its start   | flush/worker-pool.ts          | workers/flush.ts             |
 * | main           | flush worker   | arguments of FlushWorkerTasks   | flush/worker-pool.ts          | workers/flush.ts             |
 * | flush worker   | main           | results of FlushWorkerTasks     | workers/flush.ts              | flush/worker-pool.ts         |
 *
 * Request threads and the flush worker send each other nothing: they meet in the shared
 * memory and in the journal.
 */

/** Main → request thread, at its start. */
export interface RequestThreadData {
  readonly config: Config
  /** What the other instances call this one. */
  readonly instance: string
  /** Where stats are read. */
  readonly database: DatabaseServer
  /** Where the thread's part of the journal goes. */
  readonly journalPlace: JournalPlace
  readonly memory: SharedMemoryHandle
  /** 0 for the first one. A thread that takes the place of a dead one has its index. */
  readonly threadIndex: number
  readonly port: number
  /** Share the port with the other request threads. */
  readonly reusePort: boolean
  /** The keys as main knows them when the thread is made; null: not yet. Later ones come as messages. */
  readonly snapshot: AccessSnapshot | null
  /** The banners in the same way. The thread takes them out, so that they do not stay in memory for ever. */
  banners: BannerBuffers | null
  /** The operator's lists of bots; null: there are none. Taken out by the thread, too. */
  botLists: BotLists | null
}

/** The buffers of BannerTables. All threads share them. */
export interface BannerBuffers {
  readonly base: SharedArrayBuffer
  readonly overlay: SharedArrayBuffer
}

/** How far a generation has come: out of the ring, so that its half is free again, or into Postgres. */
export type FlushStage = 'collected' | 'stored'

/**
 * How an ask has ended. reached: the generation has come as far as was asked. It will not soon when it is notStored:
 * Postgres has not taken it. Nor when Postgres is unavailable: there are no tables, or those of another database.
 */
export type AskOutcome = 'reached' | 'notStored' | 'unavailable'

/** Request thread → main. */
export type FromRequestThread =
  /** Once: the thread accepts connections. */
  | { readonly kind: 'listening' }
  /** A failure that operators are told of. */
  | {
      readonly kind: 'failure'
      /** A sentence for the log. */
      readonly what: string
      readonly error: Error
      /** null: it was not over a request. */
      readonly requestId: string | null
    }
  /** An ask: flush this generation. Main settles it once, unless it is withdrawn. */
  | {
      readonly kind: 'ask'
      /** Tells the asks of one thread apart. */
      readonly askId: number
      readonly generation: number
      readonly until: FlushStage
    }
  /** Nobody waits for that ask any more. */
  | { readonly kind: 'withdraw'; readonly askId: number }
  /** The thread goes by the publication that came first of those it has not confirmed. */
  | { readonly kind: 'taken' }
  /** Read the keys, or the banners, again now. Main settles it once. */
  | {
      readonly kind: 'refresh'
      readonly refreshId: number
      readonly what: 'keys' | 'banners'
      readonly cause: RefreshCause
    }
  /** The key was used, for the first time of this UTC day in this thread. */
  | { readonly kind: 'keyUsed'; readonly use: KeyUse }

export interface KeyUse {
  readonly keyId: string
  /** The UTC day, as 2026-11-27. */
  readonly day: string
}

/** Main → request thread. The thread confirms each one. */
export type Publication =
  /** The keys from now on. */
  | { readonly kind: 'access'; readonly snapshot: AccessSnapshot }
  /** The banners from now on. `base` null: it stays. */
  | { readonly kind: 'banners'; readonly base: SharedArrayBuffer | null; readonly overlay: SharedArrayBuffer }
  /** The operator's lists of bots from now on. */
  | { readonly kind: 'bots'; readonly lists: BotLists }

/** Main → request thread. */
export type ToRequestThread =
  | Publication
  | { readonly kind: 'settled'; readonly askId: number; readonly outcome: AskOutcome }
  /** What Postgres held at the time of that refresh is in force in all threads, if Postgres answers. */
  | { readonly kind: 'refreshed'; readonly refreshId: number }
  /** Accept no more, answer what has arrived, cut off what has no answer after `graceMs`, end. */
  | { readonly kind: 'stop'; readonly graceMs: number }

/** Main → flush worker, at its start. */
export interface FlushWorkerData {
  readonly memory: SharedMemoryHandle
  readonly database: DatabaseServer
  /** The exactly-once key is this and a generation. A random UUID, one for each life of the process. */
  readonly writer: string
  /** Where the journal's files are. */
  readonly journalDirectory: string
  /** Rows of one INSERT. */
  readonly batchRows: number
  /** Postgres is the embedded one: nobody else writes to it, and it shares the processors of this service. */
  readonly isDatabaseOurs: boolean
  /** A keyed bulk that has waited for more days is put aside, unless its key is known. */
  readonly idempotencyKeyDays: number
}

/** Main → flush worker → main: the worker's tasks. At most one collect and one store run at a time. */
export interface FlushWorkerTasks {
  /** Takes the generation after `collectedGeneration` out of the ring. */
  collect(collectedGeneration: number): Promise<CollectResult>
  /** Tries to bring an item of the backlog into Postgres. */
  store(task: StoreTask): Promise<StoreResult>
}

/** What came of a collect. */
export interface CollectResult {
  readonly batch: Batch
  /**
   * Why the ring was taken although a thread died in the generation. unreadable: not all of the
   * journal can be read. short: the journal holds less than was booked. null: no thread died in
   * it, or the journal was taken.
   */
  readonly journalFault: 'unreadable' | 'short' | null
  /**
   * Keyed bulks that were booked cannot be read any more, and are lost: names of the generation's files that hold
   * damage. null: none is lost.
   */
  readonly bulksLostIn: readonly string[] | null
}

export interface StoreTask {
  /** null: find out whether Postgres is there, and where its ledger stands. */
  readonly item: BacklogItem | null
  /** Somebody waits for the item, or the item has waited itself. */
  readonly isUrgent: boolean
  /**
   * An earlier try, or an earlier process, may have stored the item. Then it is no
   * alarm to find it in the ledger.
   */
  readonly mayBeStored: boolean
  /**
   * The id of the database that everything is for. null: not known yet; a task without an item finds it out.
   */
  readonly database: string | null
  /**
   * By writer, the generation that the ledger has reached at least: of this process,
   * and of those with kept files.
   */
  readonly expected: ReadonlyMap<string, number>
  /** The newest generation of its own that this process has ever tried to store; 0: none. */
  readonly triedGeneration: number
}

/** What came of a StoreTask. */
export interface StoreResult {
  readonly outcome: StoreOutcome
  /** Why the database might lose what it has committed, a sentence each. null: nobody has looked. */
  readonly weaknesses: readonly string[] | null
  /** With several hosts: the one that has answered, as `host:port`. */
  readonly host?: string
  readonly durationMs: number
}

export type StoreOutcome =
  /** The item is in Postgres, through this try or an earlier one. */
  | {
      readonly kind: 'done'
      /** The id of the database that has answered. */
      readonly database: string
      /** What was stored now or earlier; null: there was nothing to store. */
      readonly stored: StoredItem | null
      /**
       * How the ledger was found. level: as expected. ahead: somebody else has moved it under this process's
       * name. unknown: it was not compared.
       */
      readonly ledger: 'level' | 'ahead' | 'unknown'
    }
  | {
      readonly kind: 'failed'
      readonly error: FlushFailure
      /** COMMIT was sent, and nobody knows what became of it. */
      readonly mayBeStored: boolean
    }
  /** Another database answers. Nothing was stored. */
  | { readonly kind: 'elsewhere'; readonly database: string }
  /** The ledger stands lower than expected, for these writers. Nothing was stored. */
  | { readonly kind: 'behind'; readonly stands: readonly LedgerStand[] }
  /** The item's place in the ledger was taken, although nobody has tried it before. Nothing was stored. */
  | { readonly kind: 'taken' }
  /** The item's writer is so old that its row in the ledger may have been deleted. Nothing was stored. */
  | { readonly kind: 'outdated' }
  /** A newer version of this program has written this file of the item. Nothing was stored. */
  | { readonly kind: 'newer'; readonly file: string }

/** Where the ledger stands for a writer. */
export interface LedgerStand {
  readonly writer: string
  /** Every generation up to this one is stored; 0: none. */
  readonly generation: number
  /** All clicks of these generations. */
  readonly clicks: ByClass<number>
}

export interface StoredItem {
  /** 0 when an earlier try had stored the item; so are the clicks below then. */
  readonly rows: number
  /** Gross. */
  readonly clicks: number
  /** Clicks of this process that the item's files do not hold any more. */
  readonly lostClicks: ByClass<number>
  /** Clicks, gross, that are in quarters or days alone, because their minutes were dropped. */
  readonly withoutMinutes: number
  /** Names of journal files that hold damage. */
  readonly damaged: readonly string[]
  /** Clicks of keyed bulks that another delivery had counted. */
  readonly repeated: ByClass<number>
  /** Keyed bulks that were not stored, because Postgres knows their key with other content. */
  readonly conflicts: readonly KeyedBulk[]
  /** Keyed bulks that were not stored, because they have waited so long that their key may have been forgotten. */
  readonly expired: readonly KeyedBulk[]
}

export interface FlushFailure extends DatabaseFailure {
  /** The journal could not be read. The failure says nothing about Postgres. */
  readonly isOfJournal: boolean
}
