import type { DatabaseFailure } from '../db/failure.ts'
import type { Config, DatabaseServer, JournalSync } from './config/config.ts'
import type { BacklogItem } from './flush/backlog.ts'
import type { SharedMemoryHandle } from './ring/layout.ts'

/** Everything that crosses a thread border, apart from the shared memory itself. Imported by both sides. */

/** Main → request thread, at its start. */
export interface RequestThreadData {
  readonly config: Config
  readonly database: DatabaseServer
  /** Where the thread's part of the journal goes. */
  readonly journal: JournalPlace
  readonly memory: SharedMemoryHandle
  readonly threadIndex: number
  readonly port: number
  /** Share the port with the other request threads. */
  readonly reusePort: boolean
}

export interface JournalPlace {
  readonly directory: string
  readonly writer: string
  readonly sync: JournalSync
}

/** Main → request thread. */
export type ToRequestThread =
  | { readonly kind: 'flushed'; readonly askId: number; readonly error: string | null }
  | { readonly kind: 'stop'; readonly graceMs: number }

/** Request thread → main. */
export type FromRequestThread =
  | { readonly kind: 'listening' }
  | {
      readonly kind: 'failure'
      readonly what: string
      readonly error: Error
      readonly requestId: string | null
    }
  | {
      readonly kind: 'flush'
      readonly askId: number
      readonly generation: number
      readonly until: FlushStage
    }
  /** Nobody waits any more for the flush that was asked for. */
  | { readonly kind: 'forget'; readonly askId: number }

/** How far a generation has come: out of the ring, so that its half is free again, or in Postgres. */
export type FlushStage = 'collected' | 'stored'

/** Main → flush worker, at its start. */
export interface FlushWorkerData {
  readonly memory: SharedMemoryHandle
  readonly database: DatabaseServer
  /** The exactly-once key's other half: one random UUID for each life of the process. */
  readonly writer: string
  /** Where the journal's files are. */
  readonly journalDirectory: string
  readonly batchRows: number
  /** Postgres has no other clients that write, and shares this service's processors: the embedded one. */
  readonly isDatabaseOurs: boolean
}

/** Main → flush worker. */
export interface StoreTask {
  /** null: there is none, it is to find out whether Postgres is there. */
  readonly item: BacklogItem | null
  /** Somebody waits for it, or it has had to wait itself. */
  readonly isUrgent: boolean
}

/** Flush worker → main: what came of an item of the backlog. */
export interface StoreResult {
  /** null: the item is in Postgres, through this try or an earlier one. */
  readonly error: FlushFailure | null
  /** What was stored, or had been before; null: nothing had to be. */
  readonly stored: StoredItem | null
  /** What would let the database lose what it has committed, a sentence each; null: it was not looked for. */
  readonly weaknesses: readonly string[] | null
  readonly durationMs: number
}

export interface StoredItem {
  /** false: an earlier try had stored it. */
  readonly isNew: boolean
  readonly rows: number
  readonly clicks: number
  /** Files of the journal that hold damage. */
  readonly damaged: readonly string[]
}

export interface FlushFailure extends DatabaseFailure {
  /** The journal could not be read: Postgres has nothing to do with it. */
  readonly isOfJournal: boolean
}
