import type { DatabaseFailure } from '../db/failure.ts'
import type { Config, DatabaseServer } from './config/config.ts'
import type { JournalPlace } from './journal/append/segment.ts'
import type { BacklogItem } from './journal/files/item.ts'
import type { SharedMemoryHandle } from './memory/layout.ts'

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
  /** null: there is none, it is to find out whether Postgres is there, and where its ledger stands. */
  readonly item: BacklogItem | null
  /** Somebody waits for it, or it has had to wait itself. */
  readonly isUrgent: boolean
  /** An earlier try, or an earlier process, may have stored the item: then it is no surprise to find it there. */
  readonly mayBeStored: boolean
  /** The database that all is for; null: not known, to be found out by a task without an item. */
  readonly database: string | null
  /** How far the ledger must have come at the least, by writer: this process' own, and those whose files are kept. */
  readonly expected: ReadonlyMap<string, number>
  /** The newest generation of its own that this process has ever tried to store. */
  readonly triedGeneration: number
}

/** Where the ledger stands for a writer. */
export interface LedgerStand {
  readonly writer: string
  /** Applied up to this one; 0: none. */
  readonly generation: number
  /** All that they have brought. */
  readonly clicks: number
}

/** Flush worker → main: what came of a task. */
export interface StoreResult {
  readonly outcome: StoreOutcome
  /** What would let the database lose what it has committed, a sentence each; null: it was not looked for. */
  readonly weaknesses: readonly string[] | null
  readonly durationMs: number
}

export type StoreOutcome =
  /** The item is in Postgres, through this try or an earlier one. */
  | {
      readonly kind: 'done'
      readonly database: string
      /** What was stored, or had been before; null: nothing had to be. */
      readonly stored: StoredItem | null
      /** How it was found: unknown where nothing had to be looked at, ahead where somebody else has moved this process' own. */
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
  /** The ledger stands lower than it must, for these writers. Nothing was stored. */
  | { readonly kind: 'behind'; readonly stands: readonly LedgerStand[] }
  /** The item's place in the ledger was taken, although nobody has tried it before. Nothing was stored. */
  | { readonly kind: 'taken' }
  /** The item's writer is so old that its row may have been deleted. Nothing was stored. */
  | { readonly kind: 'outdated' }

export interface StoredItem {
  /** false: an earlier try had stored it. */
  readonly isNew: boolean
  readonly rows: number
  readonly clicks: number
  /** Of this process, what its files do not hold any more. */
  readonly lostClicks: number
  /** Files of the journal that hold damage. */
  readonly damaged: readonly string[]
}

export interface FlushFailure extends DatabaseFailure {
  /** The journal could not be read: Postgres has nothing to do with it. */
  readonly isOfJournal: boolean
}
