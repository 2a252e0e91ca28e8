import { closeSync, constants, openSync, readdirSync, renameSync, unlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { StartError } from '../../base/errors.ts'
import { makeDirectory } from '../../base/make-directory.ts'
import type { Batch } from '../../rows/batch.ts'
import { encodeBatch, readFiles } from '../files/batch-file.ts'
import { type Entry, isOfClicks, look, readEntries, sinceMs } from '../files/entries.ts'
import {
  asideDirectory,
  batchName,
  type ClickFile,
  damagedDirectory,
  type JournalFile,
  journalPath,
} from '../files/names.ts'
import { Marks } from './marks.ts'
import { writeFile } from './write-file.ts'

/** What /health tells of the journal. */
interface JournalUsage {
  readonly files: number
  readonly bytes: number
  /** Age of the oldest click that is not in Postgres yet, as far as files tell. 0: there are no files. */
  readonly oldestMs: number
  /** Files that were ever put aside as damaged, and are still there. */
  readonly damaged: number
  /** Names of files of clicks that a newer version of this program has written. */
  readonly newer: readonly string[]
  /** Names of what is not the journal's, or cannot be looked at. */
  readonly odd: readonly string[]
}

/**
 * The journal's directory, as main uses it: which writers may have clicks there, what
 * waits, and what can be removed.
 */
export class JournalDirectory {
  readonly path: string
  readonly marks: Marks
  readonly writer: string

  constructor(dataDir: string, writer: string) {
    this.path = journalPath(dataDir)
    this.marks = new Marks(this.path)
    this.writer = writer
  }

  /**
   * Makes the directory, and this writer's mark: before anything is stored, since a row in the ledger
   * without a mark would stay for ever. Throws a StartError when the directory cannot be written, or when
   * this user cannot read a file in it.
   */
  open(): void {
    try {
      makeDirectory(join(this.path, damagedDirectory), 0o700)
      this.#refuseForeign()
      for (const name of readEntries(this.path).unfinished) this.remove(name)
      this.marks.make(this.writer)
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
   * A file of another user, perhaps root, is not damaged, and must not be put aside as if it were. After any
   * other error the start goes on, and what can be read is stored.
   */
  #refuseForeign(): void {
    readdirSync(join(this.path, damagedDirectory))
    for (const { file } of readEntries(this.path).entries.filter(isOfClicks))
      try {
        closeSync(openSync(join(this.path, file.name), constants.O_RDONLY | constants.O_NONBLOCK))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EACCES') throw error
      }
  }

  /** The journal's files, ascending by generation. */
  list(): JournalFile[] {
    return readEntries(this.path).entries.map(({ file }) => file)
  }

  /** Names of files of clicks that a newer version of this program has written. */
  listNewer(): readonly string[] {
    return readEntries(this.path).newer
  }

  isDamaged({ name }: ClickFile): boolean {
    return readFiles(this.path, [name]).damaged.length > 0
  }

  /** 0 when the file cannot be looked at. */
  bytesOf({ name }: Pick<JournalFile, 'name'>): number {
    return look(join(this.path, name))?.size ?? 0
  }

  usage(nowMs: number): JournalUsage {
    const { entries, newer, odd } = readEntries(this.path)
    const ofClicks = entries.filter(isOfClicks)
    return {
      files: ofClicks.length,
      bytes: totalBytes(ofClicks),
      oldestMs: nowMs - ofClicks.reduce((oldest, entry) => Math.min(oldest, sinceMs(entry)), nowMs),
      damaged: readdirSync(join(this.path, damagedDirectory)).length,
      newer,
      odd,
    }
  }

  bytesOfAll(names: readonly string[]): number {
    return names.reduce((sum, name) => sum + this.bytesOf({ name }), 0)
  }

  /** A writer's files of clicks, up to a generation. */
  through(writer: string, generation: number): Entry<ClickFile>[] {
    return this.#clickFiles(writer).filter(({ file }) => file.key.lastGeneration <= generation)
  }

  /** Removes all that it can. When one cannot be removed, its error is thrown after the others. */
  removeAll(names: readonly string[]): void {
    const errors: unknown[] = []
    for (const name of names)
      try {
        this.remove(name)
      } catch (error) {
        errors.push(error)
      }
    if (errors.length > 0) throw errors[0]
  }

  /** Does nothing when the file has gone already: somebody else has removed it. */
  remove(name: string): void {
    try {
      unlinkSync(join(this.path, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }

  /** Whether something of a writer waits or may wait, for Postgres or for a decision. */
  hasClicks(writer: string): boolean {
    const { entries, newer, odd } = readEntries(this.path)
    return (
      [...entries, ...this.#aside].some(entry => isOfClicks(entry) && entry.file.key.writer === writer) ||
      // What cannot be looked at, or has a newer version's name, may be the writer's clicks.
      [...newer, ...odd].some(name => name.startsWith(writer))
    )
  }

  /** Moves a file into one of the inner directories. */
  putAside(name: string, inner: string): void {
    renameSync(join(this.path, name), join(this.path, inner, basename(name)))
  }

  asideFiles(): number {
    return this.#aside.filter(isOfClicks).length
  }

  get #aside(): readonly Entry[] {
    const path = join(this.path, asideDirectory)
    return look(path) === undefined ? [] : readEntries(path).entries
  }

  /** What files of ticks a batch of this writer sums up. */
  ticksWithin(batch: Batch): { readonly files: number; readonly bytes: number } {
    const ticks = this.#within(batch).filter(({ file }) => file.kind === 'ticks')
    return { files: ticks.length, bytes: totalBytes(ticks) }
  }

  /**
   * Writes a batch as one file in place of the files that it sums up. These are removed last, when
   * the batch is on disk under its name: removed before, a crash would lose them. A recovery that
   * finds both takes the batch.
   */
  writeBatch(batch: Batch): string {
    const { firstGeneration, generation } = batch
    const key = { writer: this.writer, firstGeneration, lastGeneration: generation, thread: 0 }
    const name = batchName(key)
    const superseded = this.#within(batch).filter(({ file }) => file.name !== name)
    writeFile(this.path, name, encodeBatch(key, batch), Math.min(Date.now(), ...superseded.map(sinceMs)))
    this.removeAll(superseded.map(({ file }) => file.name))
    return name
  }

  /** This writer's files of the generations that a batch covers. */
  #within({ firstGeneration, generation }: Batch): Entry<ClickFile>[] {
    return this.#clickFiles(this.writer).filter(
      ({ file }) => file.key.firstGeneration >= firstGeneration && file.key.lastGeneration <= generation,
    )
  }

  #clickFiles(writer: string): Entry<ClickFile>[] {
    return readEntries(this.path)
      .entries.filter(isOfClicks)
      .filter(({ file }) => file.key.writer === writer)
  }
}

function totalBytes(entries: readonly Entry[]): number {
  return entries.reduce((sum, { status }) => sum + status.size, 0)
}
