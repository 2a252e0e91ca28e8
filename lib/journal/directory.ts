import {
  closeSync,
  fsyncSync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../errors.ts'
import type { Batch } from '../flush/batch.ts'
import { encodeBatch, readFiles } from './batch-file.ts'
import {
  batchName,
  type ClickFile,
  damagedDirectory,
  isUnfinished,
  type JournalFile,
  parseName,
  unfinishedName,
  writerName,
} from './names.ts'
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

  /**
   * Makes it, and leaves this writer's mark: from here on the ledger may get a row of it. Throws a StartError
   * when it cannot be written, or when something in it cannot be read by this user.
   */
  open(): void {
    try {
      mkdirSync(join(this.path, damagedDirectory), { recursive: true, mode: 0o700 })
      this.#refuseForeign()
      for (const name of readdirSync(this.path).filter(isUnfinished)) this.remove(name)
      const fd = openSync(join(this.path, writerName(this.#writer)), 'w', 0o600)
      fsyncSync(fd)
      closeSync(fd)
      syncDirectory(this.path)
    } catch (error) {
      const { message } = error as Error
      throw new StartError(
        'JOURNAL_UNUSABLE',
        `the journal in ${this.path} cannot be used (${message}); all of it has to belong to this user, on a sound disk`,
        error,
      )
    }
  }

  /**
   * What another user has left, root perhaps, is not damaged, and must not be put aside as if it were. With
   * any other error the start goes on, and what can be read is stored.
   */
  #refuseForeign(): void {
    readdirSync(join(this.path, damagedDirectory))
    for (const { kind, name } of this.list())
      if (kind !== 'writer')
        try {
          closeSync(openSync(join(this.path, name), 'r'))
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'EACCES') throw error
        }
  }

  /** The journal's files, those of one writer in the order of their generations. */
  list(): JournalFile[] {
    return readdirSync(this.path)
      .map(parseName)
      .filter(file => file !== null)
      .sort((a, b) => lastGeneration(a) - lastGeneration(b))
  }

  isDamaged({ name }: ClickFile): boolean {
    return readFiles(this.path, [name]).damaged.length > 0
  }

  bytesOf({ name }: JournalFile): number {
    return statSync(join(this.path, name)).size
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
      oldestMs = Math.min(oldestMs, sinceMs(file, status))
    }
    const damaged = readdirSync(join(this.path, damagedDirectory)).length
    return { files, bytes, oldestMs: nowMs - oldestMs, damaged }
  }

  /** This writer's generations up to this one are in Postgres. */
  removeThrough(generation: number): void {
    for (const file of this.#clickFiles(this.#writer))
      if (file.key.lastGeneration <= generation) this.remove(file.name)
  }

  remove(name: string): void {
    unlinkSync(join(this.path, name))
  }

  /**
   * Whether a writer has no clicks here any more, and will not have again: their files' end has to be on disk
   * before the ledger's row goes, else a power cut could bring back files without the row that says they
   * were stored.
   */
  isGone(writer: string): boolean {
    if (this.#clickFiles(writer).length > 0) return false
    syncDirectory(this.path)
    return true
  }

  forgetWriter(writer: string): void {
    this.remove(writerName(writer))
  }

  putAside(name: string): void {
    renameSync(join(this.path, name), join(this.path, damagedDirectory, name))
  }

  /** This writer's ticks that a batch sums up. */
  ticksWithin(batch: Batch): { readonly files: number; readonly bytes: number } {
    const ticks = this.#within(batch).filter(file => file.kind === 'ticks')
    return { files: ticks.length, bytes: ticks.reduce((sum, file) => sum + this.bytesOf(file), 0) }
  }

  /**
   * Writes a batch as one file in place of the files it sums up. They go only when it is on disk under its
   * name; a recovery that finds both takes the batch.
   */
  writeBatch(batch: Batch): string {
    const { firstGeneration, generation } = batch
    const key = { writer: this.#writer, firstGeneration, lastGeneration: generation, thread: 0 }
    const name = batchName(key)
    const superseded = this.#within(batch).filter(file => file.name !== name)
    const since = superseded.map(file => sinceMs(file, statSync(join(this.path, file.name))))
    this.#writeFile(name, encodeBatch(key, batch), Math.min(Date.now(), ...since))
    for (const file of superseded) this.remove(file.name)
    return name
  }

  /** All of it is on disk, or there is no such file. */
  #writeFile(name: string, bytes: Buffer, sinceMs: number): void {
    const temporary = unfinishedName(name)
    try {
      const fd = openSync(join(this.path, temporary), 'w', 0o600)
      try {
        writeWhole(fd, bytes)
        futimesSync(fd, sinceMs / 1000, sinceMs / 1000)
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(join(this.path, temporary), join(this.path, name))
    } catch (error) {
      // On a full disk the ticks need its space.
      rmSync(join(this.path, temporary), { force: true })
      throw error
    }
    syncDirectory(this.path)
  }

  /** This writer's files of the generations that a batch spans. */
  #within({ firstGeneration, generation }: Batch): ClickFile[] {
    return this.#clickFiles(this.#writer).filter(
      ({ key }) => key.firstGeneration >= firstGeneration && key.lastGeneration <= generation,
    )
  }

  #clickFiles(writer: string): ClickFile[] {
    return this.list().filter(file => file.kind !== 'writer' && file.key.writer === writer) as ClickFile[]
  }
}

/** When a file's oldest click was accepted; a batch's file carries on what it took the place of. */
function sinceMs(file: JournalFile, { birthtimeMs, mtimeMs }: Stats): number {
  return file.kind === 'batch' ? mtimeMs : birthtimeMs
}

function lastGeneration(file: JournalFile): number {
  return file.kind === 'writer' ? 0 : file.key.lastGeneration
}
