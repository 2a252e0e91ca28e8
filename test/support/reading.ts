import type { FilesReading } from '../../lib/journal/files/batch-file.ts'
import type { KeyedBulk } from '../../lib/rows/keyed-bulk.ts'
import type { Rows } from '../../lib/rows/rows.ts'

/** What is read of sound files. null: they cannot be read now. */
export function readingOf(rows: Rows | null, keyed: readonly KeyedBulk[] = []): FilesReading {
  if (rows === null) throw new Error('EMFILE')
  return { rows, keyed, damaged: [] }
}

export function unreadable(): never {
  throw new Error('EMFILE')
}
