import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Batch } from '../flush/batch.ts'
import { encodeBatch } from './batch-file.ts'
import { batchName, damagedDirectory, type JournalFile, parseName, writerName } from './names.ts'
import { syncDirectory, writeWhole } from './segment.ts'

/** What /health tells of the journal. */
export interface JournalUsage {
  readonly files: number
  readonly bytes: number
  /** Age of the oldest click that is not in Postgres yet, as far as files tell; 0 without files. */
  readonly oldestMs: number
  /** Files that were put aside, ever. */
  readonly damaged: number
}

/** The journal's directory in main's hands: who may have clicks in it, what waits there, what can go. */
export class JournalDirectory {
  readonly path: string
  readonly #writer: string

  constructor(dataDir: string, writer: string) {
    this.path = join(dataDir, 'journal')
    this.#writer = writer
  }

  /** Makes it, and leaves this writer's mark: from here on the ledger may get a row of it. */
  open(): void {
    mkdirSync(join(this.path, damagedDirectory), { recursive: true, mode: 0o700 })
    const fd = openSync(join(this.path, writerName(this.#writer)), 'w', 0o600)
    fsyncSync(fd)
    closeSync(fd)
    syncDirectory(this.path)
  }

  /** The journal's files, those of one writer in the order of their generations. */
  list(): JournalFile[] {
    return readdirSync(this.path)
      .map(parseName)
      .filter(file => file !== null)
      .sort((a, b) => lastGeneration(a) - lastGeneration(b))
  }

  usage(nowMs: number): JournalUsage {
    let files = 0
    let bytes = 0
    let oldestMs = nowMs
    for (const file of this.list()) {
      const status =
        file.kind === 'writer' ? undefined : statSync(join(this.path, file.name), { throwIfNoEntry: false })
      if (status === undefined) continue
      files++
      bytes += status.size
      oldestMs = Math.min(oldestMs, status.birthtimeMs)
    }
    const damaged = readdirSync(join(this.path, damagedDirectory)).length
    return { files, bytes, oldestMs: nowMs - oldestMs, damaged }
  }

  /** This writer's generations up to this one are in Postgres. */
  removeThrough(generation: number): void {
    for (const file of this.list())
      if (file.kind !== 'writer' && file.key.writer === this.#writer && file.key.lastGeneration <= generation)
        this.remove(file.name)
  }

  remove(name: string): void {
    unlinkSync(join(this.path, name))
  }

  /**
   * A writer has no files left and no row in the ledger. The files' end has to be on disk before the row
   * goes (`sync`), else a power cut could bring back files without the row that says they were applied.
   */
  forgetWriter(writer: string): void {
    this.remove(writerName(writer))
  }

  sync(): void {
    syncDirectory(this.path)
  }

  putAside(name: string): void {
    renameSync(join(this.path, name), join(this.path, damagedDirectory, name))
  }

  /** Bytes of this writer's files that a batch of these generations would take the place of. */
  bytesWithin(firstGeneration: number, lastGenerationOf: number): number {
    return this.#within(firstGeneration, lastGenerationOf).reduce(
      (sum, name) => sum + statSync(join(this.path, name)).size,
      0,
    )
  }

  /**
   * Writes a batch as one file in place of the files it sums up. They go only when it is on disk under its
   * name; a recovery that finds both takes the batch.
   */
  writeBatch(batch: Batch): string {
    const key = {
      writer: this.#writer,
      firstGeneration: batch.firstGeneration,
      lastGeneration: batch.generation,
      thread: 0,
    }
    const superseded = this.#within(batch.firstGeneration, batch.generation)
    const name = batchName(key)
    const temporary = join(this.path, `${name}.new`)
    const fd = openSync(temporary, 'w', 0o600)
    try {
      writeWhole(fd, encodeBatch(key, batch))
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, join(this.path, name))
    syncDirectory(this.path)
    for (const old of superseded) if (old !== name) this.remove(old)
    return name
  }

  #within(first: number, last: number): string[] {
    return this.list()
      .filter(
        file =>
          file.kind !== 'writer' &&
          file.key.writer === this.#writer &&
          file.key.firstGeneration >= first &&
          file.key.lastGeneration <= last,
      )
      .map(file => file.name)
  }
}

function lastGeneration(file: JournalFile): number {
  return file.kind === 'writer' ? 0 : file.key.lastGeneration
}
