import type { FileKey } from './format.ts'
import type { ClickFile, JournalFile } from './names.ts'

/** Files of one writer that are stored together, under one key. */
export interface FilesUnit {
  readonly kind: 'files'
  readonly writer: string
  readonly generation: number
  readonly names: readonly string[]
  /** This process has written them; their clicks are in its books. */
  readonly isOwn: boolean
  /** As far as this process has accepted them: 0 for another writer's. */
  readonly totalClicks: number
}

export interface WriterRecovery {
  readonly writer: string
  /** To be stored in this order: the ledger lets no older generation in after a newer one. */
  readonly units: readonly FilesUnit[]
  /** Files whose clicks are in a unit's batch file as well; they can go. */
  readonly superseded: readonly string[]
}

/** What other writers have left, found at the start. */
export function planRecovery(files: readonly JournalFile[], ownWriter: string): WriterRecovery[] {
  const writers = new Set(files.map(file => (file.kind === 'writer' ? file.writer : file.key.writer)))
  writers.delete(ownWriter)
  return [...writers].map(writer => planWriter(writer, files))
}

function planWriter(writer: string, files: readonly JournalFile[]): WriterRecovery {
  const own = files.filter(file => file.kind !== 'writer' && file.key.writer === writer) as ClickFile[]
  const batches = own.filter(file => file.kind === 'batch')
  const isSuperseded = (file: ClickFile) =>
    batches.some(batch => batch !== file && covers(batch.key, file.key))
  const units = Map.groupBy(
    own.filter(file => !isSuperseded(file)),
    file => file.key.lastGeneration,
  )
  return {
    writer,
    units: [...units]
      .sort(([a], [b]) => a - b)
      .map(([generation, of]) => ({
        kind: 'files',
        writer,
        generation,
        names: of.map(file => file.name),
        isOwn: false,
        totalClicks: 0,
      })),
    superseded: own.filter(isSuperseded).map(file => file.name),
  }
}

/** A batch file holds everything of the generations it spans. */
function covers(batch: FileKey, key: FileKey): boolean {
  return batch.firstGeneration <= key.firstGeneration && key.lastGeneration <= batch.lastGeneration
}
