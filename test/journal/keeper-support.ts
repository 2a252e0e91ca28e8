import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Conditions } from '../../lib/books/conditions.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import type { FileKey } from '../../lib/journal/files/format.ts'
import { markName, ticksName } from '../../lib/journal/files/names.ts'
import { JournalDirectory } from '../../lib/journal/keep/directory.ts'
import { JournalKeeper } from '../../lib/journal/keep/keeper.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { type Batch, batchOf } from '../../lib/rows/batch.ts'
import { NO_CLICKS, VALID } from '../../lib/rows/classes.ts'
import { Sums } from '../../lib/rows/sums.ts'
import {
  encode,
  OTHER_WRITER,
  type TemporaryDirectory,
  temporaryDirectory,
  WRITER,
} from './journal-support.ts'

export const MINUTE = 28_000_000
export const DATABASE = 'dddddddd-0000-4000-8000-00000000000d'
export const OWN_MARK = markName({ writer: WRITER, database: DATABASE, isAdopted: false })

/** A data directory for a test, and keepers of the journal in it. */
export class KeptJournal implements Disposable {
  readonly #dataDir: TemporaryDirectory = temporaryDirectory()
  readonly path = join(this.#dataDir.path, 'journal')

  newKeeper(log = createLog('silent'), keepMs = 0) {
    const memory = SharedMemory.create({ threadCount: 1, maxBanners: 1 })
    const directory = new JournalDirectory(this.#dataDir.path, WRITER)
    directory.open()
    const books = new ServiceBooks(memory)
    const conditions = new Conditions(memory, log)
    return {
      memory,
      keeper: new JournalKeeper(directory, { writer: WRITER, keepMs, books, conditions, log }),
    }
  }

  /** What earlier writers have left for the database that is met first. */
  recovered(keeper: JournalKeeper) {
    keeper.recover()
    return keeper.meet(DATABASE)!
  }

  /** A file of one click, or of so many bytes. */
  put(key: FileKey, name = ticksName(key, 0), bytes?: number): void {
    const content = encode(key, [[MINUTE, new Map([[1, 1]])]])
    writeFileSync(join(this.path, name), bytes === undefined ? content : Buffer.alloc(bytes))
  }

  names(): string[] {
    return readdirSync(this.path)
      .filter(name => !['damaged', 'stored'].includes(name))
      .sort()
  }

  [Symbol.dispose](): void {
    this.#dataDir[Symbol.dispose]()
  }
}

export function ticksKey(writer: string, generation: number): FileKey {
  return { writer, firstGeneration: generation, lastGeneration: generation, thread: 0 }
}

export function batchKey(writer: string, firstGeneration: number, lastGeneration: number): FileKey {
  return { writer, firstGeneration, lastGeneration, thread: 0 }
}

export function unit(generation: number, names: readonly string[]) {
  return {
    kind: 'files',
    writer: OTHER_WRITER,
    generation,
    names,
    isOwn: false,
    isAdopted: false,
    totals: NO_CLICKS,
  } as const
}

export function batch(firstGeneration: number, generation: number, rows = 3): Batch {
  const sums = new Sums()
  for (let row = 0; row < rows; row++) sums.add(MINUTE, row + 1, VALID, generation)
  return { ...batchOf(generation, sums.rows()), firstGeneration }
}
