import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../../base/make-directory.ts'
import { batchOf } from '../../rows/batch.ts'
import { type KeyedBulk, keyedBulkOf, MAX_KEY_LENGTH } from '../../rows/keyed-bulk.ts'
import { NO_ROWS } from '../../rows/rows.ts'
import { encodeBatch } from '../files/batch-file.ts'
import { isOfClicks, look, readEntries } from '../files/entries.ts'
import { asideBulksDirectory, batchName } from '../files/names.ts'
import { writeFile } from './write-file.ts'

const MINUTE_MS = 60_000

/** Whose item the bulks were in. */
interface Place {
  readonly writer: string
  readonly generation: number
}

/** Keyed bulks that were not stored, until somebody decides: a file for each item that they were in. */
export class AsideBulks {
  readonly #path: string

  constructor(journalPath: string) {
    this.#path = join(journalPath, asideBulksDirectory)
  }

  /** When this returns, they are on disk. They replace what a try before has put there. */
  add(place: Place, bulks: readonly KeyedBulk[]): void {
    makeDirectory(this.#path, 0o700)
    const key = keyOf(place)
    const oldestMs = Math.min(...bulks.map(({ minute }) => minute * MINUTE_MS))
    writeFile(this.#path, batchName(key), encodeBatch(key, batchOf(1, NO_ROWS, bulks)), oldestMs)
  }

  /** The item is to be stored again: whether these are put aside is decided anew. */
  remove(place: Place): void {
    rmSync(join(this.#path, batchName(keyOf(place))), { force: true })
  }

  get files(): number {
    return look(this.#path) === undefined ? 0 : readEntries(this.#path).entries.filter(isOfClicks).length
  }
}

/**
 * A bulk whose key came with other content, under a key of its own content: so it counts once if somebody decides that
 * it counts, however often it was sent and put aside.
 */
export function underOwnKey(bulk: KeyedBulk): KeyedBulk {
  const suffix = `#${bulk.fingerprint}`
  const isLong = bulk.key.length + suffix.length > MAX_KEY_LENGTH
  const prefix = isLong ? createHash('sha256').update(bulk.key).digest('hex') : bulk.key
  return keyedBulkOf({ ...bulk, key: prefix + suffix })
}

function keyOf({ writer, generation }: Place) {
  return { writer, firstGeneration: generation, lastGeneration: generation, thread: 0 }
}
