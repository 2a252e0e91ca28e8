import type { Batch } from '../../rows/batch.ts'

/** What one task of the flush worker moves into Postgres, from memory or from the journal. */
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
  /** As far as this process has accepted them: 0 for another writer's. */
  readonly totalClicks: number
}

/** A writer that has nothing left to store: its row in the ledger is only there for copies of its journal. */
export interface EndedWriter {
  readonly kind: 'writer'
  readonly writer: string
  readonly totalClicks: 0
}
