import type { Batch } from '../../rows/batch.ts'
import type { ByClass, NO_CLICKS } from '../../rows/classes.ts'

/** What one task of the flush worker brings into Postgres: from memory, or from files of the journal. */
export type BacklogItem = Batch | FilesUnit | EndedWriter

/** Files of one writer that are stored in one transaction, each under the last generation of its own name. */
export interface FilesUnit {
  readonly kind: 'files'
  readonly writer: string
  /** The newest of its files. */
  readonly generation: number
  /** Ascending by generation. */
  readonly names: readonly string[]
  /** This process has written them; their clicks are in its books. */
  readonly isOwn: boolean
  /** Somebody has decided that they are stored, however old they are. */
  readonly isAdopted: boolean
  /** Clicks that this process has accepted: none for another writer's files. */
  readonly totals: ByClass<number>
}

/**
 * A writer that has nothing left to store. Its row in the ledger stays for a while, in case a
 * copy of its journal comes.
 */
export interface EndedWriter {
  readonly kind: 'writer'
  readonly writer: string
  readonly totals: typeof NO_CLICKS
}
