import { NO_CLICKS } from '../../rows/classes.ts'
import type { FileKey } from '../files/format.ts'
import type { FilesUnit } from '../files/item.ts'
import { type ClickFile, heldFrom, type JournalFile } from '../files/names.ts'

export interface WriterRecovery {
  readonly writer: string
  /** Stored in this order: the ledger takes no older generation after a newer one. */
  readonly units: readonly FilesUnit[]
  /** Names of files whose clicks are in a batch's file of a unit as well: they can be removed. */
  readonly superseded: readonly string[]
}

/**
 * Generations are stored in one transaction, up to so many bytes of files. Most of them have the
 * same banners and minutes, and Postgres then writes those once. Not more, because nothing else is
 * stored while a transaction runs.
 */
export const UNIT_BYTES = 16 * 2 ** 20

/**
 * Plans what has to be stored of the files that other writers have left. `newer` are names of
 * clicks that a newer version of this program has written. What they hold back is in no unit.
 */
export function planRecovery(
  files: readonly JournalFile[],
  ownWriter: string,
  bytesOf: (file: ClickFile) => number,
  newer: readonly string[] = [],
): WriterRecovery[] {
  const writers = new Set(files.map(file => (file.kind === 'writer' ? file.writer : file.key.writer)))
  writers.delete(ownWriter)
  return [...writers].map(writer => planWriter(writer, files, bytesOf, heldFrom(writer, newer)))
}

function planWriter(
  writer: string,
  files: readonly JournalFile[],
  bytesOf: (file: ClickFile) => number,
  endGeneration: number,
): WriterRecovery {
  const own = files.filter(file => file.kind !== 'writer' && file.key.writer === writer) as ClickFile[]
  const batches = own.filter(file => file.kind === 'batch')
  const isSuperseded = (file: ClickFile) => batches.some(batch => supersedes(batch, file))
  const generations = Map.groupBy(
    own.filter(file => !isSuperseded(file) && file.key.lastGeneration < endGeneration),
    file => file.key.lastGeneration,
  )
  const ascending = [...generations].sort(([a], [b]) => a - b).map(([, of]) => of)
  return {
    writer,
    units: together(ascending, bytesOf).map(of => ({
      kind: 'files',
      writer,
      generation: of.at(-1)!.key.lastGeneration,
      names: of.map(file => file.name),
      isOwn: false,
      isAdopted: false,
      totals: NO_CLICKS,
    })),
    superseded: own.filter(isSuperseded).map(file => file.name),
  }
}

/**
 * Never divides a generation: its files have one key. A batch's file is a sum
 * already, and is a unit of its own.
 */
function together(generations: readonly ClickFile[][], bytesOf: (file: ClickFile) => number): ClickFile[][] {
  const units: ClickFile[][] = []
  let roomBytes = -1
  for (const files of generations) {
    const isSum = files.some(file => file.kind === 'batch')
    const bytes = isSum ? UNIT_BYTES : files.reduce((sum, file) => sum + bytesOf(file), 0)
    if (bytes <= roomBytes) units.at(-1)!.push(...files)
    else {
      units.push([...files])
      roomBytes = UNIT_BYTES
    }
    roomBytes -= bytes
  }
  return units
}

/**
 * Whether a file is a batch that holds all clicks of the other file, which a crash has left beside it.
 * Of two batches of the same generations, the one in the newer version of the format does: the other
 * one was about to be removed.
 */
export function supersedes(file: ClickFile, other: ClickFile): boolean {
  if (file.kind !== 'batch' || !covers(file.key, other.key)) return false
  return other.kind === 'ticks' || !covers(other.key, file.key) || file.version > other.version
}

function covers(batch: FileKey, key: FileKey): boolean {
  return (
    batch.writer === key.writer &&
    batch.firstGeneration <= key.firstGeneration &&
    key.lastGeneration <= batch.lastGeneration
  )
}
