import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { StartError } from '../../base/errors.ts'
import { throttled } from '../../base/throttled.ts'
import type { Conditions } from '../../books/conditions.ts'
import type { ServiceBooks } from '../../books/service-books.ts'
import type { Batch } from '../../rows/batch.ts'
import { rowsBytes } from '../../rows/rows.ts'
import { isDiskFull } from '../files/disk.ts'
import type { BacklogItem, EndedWriter, FilesUnit } from '../files/item.ts'
import { asideDirectory, type ClickFile, damagedDirectory } from '../files/names.ts'
import type { JournalDirectory } from './directory.ts'
import { EarlierWriters, type WaitingJournal } from './earlier.ts'
import { JournalGrowth } from './growth.ts'
import { KeptFiles, type TakenBack } from './kept.ts'
import { covers } from './recovery.ts'

/** A batch that grows while it waits is written anew when its generations' ticks have come to so many bytes. */
const COMPACT_BYTES = 4 * 2 ** 20
/** Or to so many files, each of which takes a block on disk, and a transaction's step at a recovery. */
const COMPACT_FILES = 64

export interface KeeperOptions {
  readonly writer: string
  readonly keepMs: number
  readonly books: ServiceBooks
  readonly conditions: Conditions
  readonly log: Logger
}

/**
 * Keeps the journal as long as its clicks are not in Postgres, and for a while longer. Main's alone: request
 * threads only append to files of their own, and make room on a full disk; the flush worker only reads.
 *
 * A failing disk never stops a flush: what cannot be removed is found by the next start and told from the
 * ledger to be stored already; what cannot be written stays in memory, and in the ticks' files.
 */
export class JournalKeeper {
  readonly #directory: JournalDirectory
  readonly #kept: KeptFiles
  readonly #earlier: EarlierWriters
  readonly #writer: string
  readonly #books: ServiceBooks
  readonly #conditions: Conditions
  readonly #log: Logger
  readonly #growth = new JournalGrowth()
  readonly #reportFailure: (what: string, error: Error) => void
  /** The one that this process' clicks are for; null: none was met. */
  #database: string | null = null

  constructor(directory: JournalDirectory, { writer, keepMs, books, conditions, log }: KeeperOptions) {
    this.#directory = directory
    this.#writer = writer
    this.#books = books
    this.#conditions = conditions
    this.#log = log
    // A directory that has gone is looked for every second.
    this.#reportFailure = throttled((what, error) => this.#log.error({ err: error }, what))
    this.#kept = new KeptFiles(directory.path, keepMs)
    const tryTo = <T>(what: string, action: () => T) => this.#try(what, action)
    this.#earlier = new EarlierWriters(directory, this.#kept, { ownWriter: writer, log, tryTo })
  }

  /**
   * Looks through what earlier processes have left. Throws a StartError when the directory, or a file that decides
   * about others, cannot be read.
   */
  recover(): void {
    try {
      this.#kept.open()
      this.#earlier.recover()
    } catch (error) {
      const { message } = error as Error
      throw new StartError(
        'JOURNAL_UNUSABLE',
        `the journal cannot be read now (${message}); start again`,
        error,
      )
    }
  }

  /** The database that this process' clicks are for; null: none was met. */
  get database(): string | null {
    return this.#database
  }

  /**
   * The first database is there, and is the one from now on. Returns what earlier processes have left for it, in the order in
   * which it is to be stored; null: that cannot be recorded now, and so nothing may be stored.
   */
  meet(database: string): (FilesUnit | EndedWriter)[] | null {
    return this.#try('record the database', () => {
      const items = this.#earlier.meet(database)
      this.#database = database
      return items
    })
  }

  /** What earlier processes have left waits for a database to be met. */
  get isUnmet(): boolean {
    return this.#earlier.areUnmet
  }

  /** Files that earlier processes have put aside, for somebody to decide. */
  get asideFiles(): number {
    return this.#try('look through', () => this.#directory.asideFiles()) ?? 0
  }

  /** What earlier processes have left for other databases. */
  get waiting(): readonly WaitingJournal[] {
    return this.#earlier.waiting
  }

  /** How far the ledger must have come for earlier writers. */
  get keptGenerations(): ReadonlyMap<string, number> {
    const newest = this.#earlier.present.map(writer => [writer, this.#kept.newest(writer)] as const)
    return new Map(newest.filter(([writer, generation]) => generation > 0 && writer !== this.#writer))
  }

  /** The ledger was where it must be, for all writers of which something is kept. */
  compared(): void {
    this.#try('remove', () => {
      this.#kept.compared(new Set(this.#earlier.present), performance.now())
      this.#earlier.forgetGone()
    })
  }

  /** What is kept of a writer's generations after this one waits again. */
  takeBack(writer: string, generation: number): TakenBack {
    // First: some of it waits again also when the rest cannot be moved.
    this.#earlier.resumed(writer)
    return this.#kept.takeBack(writer, generation)
  }

  /** No more is kept than fits into so many bytes. */
  limitKept(bytes: number): void {
    this.#kept.evict(this.#kept.bytes - bytes)
  }

  /** The last thing a process does that has nothing left to store. */
  ownEnd(): EndedWriter {
    return { kind: 'writer', writer: this.#writer, totalClicks: 0 }
  }

  /** In place of a batch that takes in no more generations: a file, so that memory stays bounded. */
  spill(batch: Batch): BacklogItem {
    const name = this.#tryWithRoom(batch)
    if (name === null) return batch
    const { generation, totalClicks } = batch
    const writer = this.#writer
    return { kind: 'files', writer, generation, names: [name], isOwn: true, isAdopted: false, totalClicks }
  }

  /**
   * A waiting batch has grown. Its ticks' files give way to one that is written when they have become much
   * larger than it, or many, so that an outage costs bytes for each banner and minute, not for each click.
   */
  grown(batch: Batch): void {
    if (this.#try('look through', () => this.#isWorthWriting(batch))) this.#tryWithRoom(batch)
  }

  #isWorthWriting(batch: Batch): boolean {
    const { files, bytes } = this.#directory.ticksWithin(batch)
    return files >= COMPACT_FILES || bytes > Math.max(COMPACT_BYTES, 2 * rowsBytes(batch))
  }

  /** Writes a batch's file; what is kept goes before that fails for want of room. */
  #tryWithRoom(batch: Batch): string | null {
    return this.#try('write', () => {
      try {
        return this.#directory.writeBatch(batch)
      } catch (error) {
        if (!isDiskFull(error) || this.#kept.files === 0) throw error
        this.#kept.evict(Number.POSITIVE_INFINITY)
        return this.#directory.writeBatch(batch)
      }
    })
  }

  /** Whether something waits of a writer. */
  hasClicks(writer: string): boolean {
    return this.#try('look through', () => this.#directory.hasClicks(writer)) ?? true
  }

  /** An item is in Postgres, with so many clicks; `damaged` names those of its files that could not all be read. */
  stored(item: BacklogItem, clicks: number, damaged: readonly string[]): void {
    for (const name of damaged) {
      this.#log.error(
        { file: name },
        'a journal file is damaged; what could be read is stored, the file is put aside',
      )
      this.#try('put aside', () => this.#directory.putAside(name, damagedDirectory))
    }
    this.#try('remove', () => {
      if (item.kind === 'writer') this.#earlier.ended(item.writer)
      else this.#keep(item, clicks)
    })
  }

  #keep(item: Exclude<BacklogItem, EndedWriter>, clicks: number): void {
    const { generation } = item
    const isOwn = item.kind === 'batch' || item.isOwn
    const writer = item.kind === 'batch' ? this.#writer : item.writer
    const { files, others } = this.#filesOf(item)
    this.#kept.keep(files, { writer, generation, clicks: isOwn ? clicks : null }, performance.now())
    if (isOwn) this.#directory.removeAll(others.map(({ file }) => file.name))
  }

  /**
   * Files of an item's writer, none newer than the item: those that hold its clicks, each click once, and the others, which
   * are summed up in these, or are left of what was stored before.
   */
  #filesOf(item: Batch | FilesUnit) {
    const writer = item.kind === 'batch' ? this.#writer : item.writer
    const through = this.#directory.through(writer, item.generation)
    const ofItem = through.filter(({ file }) => isOf(item, file))
    const files = ofItem.filter(
      ({ file }) =>
        !ofItem.some(
          other => other.file !== file && other.file.kind === 'batch' && covers(other.file.key, file.key),
        ),
    )
    return { files, others: through.filter(entry => !files.includes(entry)) }
  }

  /** Moves an item of this process where its files wait for somebody to decide. Whether it could. */
  setAside(item: Batch | FilesUnit): boolean {
    const isDone = this.#try('put aside', () => {
      mkdirSync(join(this.#directory.path, asideDirectory), { recursive: true, mode: 0o700 })
      const { files, others } = this.#filesOf(item)
      for (const { file } of files) this.#directory.putAside(file.name, asideDirectory)
      this.#directory.removeAll(others.map(({ file }) => file.name))
      return true
    })
    return isDone ?? false
  }

  /** Refreshes what /health tells of the journal. Returns its bytes; null: nobody can tell now. */
  measure(nowMs: number): number | null {
    this.#books.set('journalKeptFiles', this.#kept.files)
    this.#books.set('journalKeptBytes', this.#kept.bytes)
    const usage = this.#try('look through', () => this.#directory.usage(nowMs))
    if (usage === null) return null
    this.#books.set('journalFiles', usage.files)
    this.#books.set('journalBytes', usage.bytes)
    this.#books.set('journalOldestMs', usage.oldestMs)
    const growth = this.#growth.measure(nowMs, usage.bytes, usage.oldestMs)
    this.#books.set('journalGrowthPerSecond', growth)
    this.#books.set('journalDamaged', usage.damaged)
    this.#tellOdd(usage.odd)
    return usage.bytes
  }

  #tellOdd(names: readonly string[]): void {
    if (names.length === 0) {
      this.#conditions.clear('journal_odd_files')
      return
    }
    const some = names.slice(0, 3).map(name => JSON.stringify(name))
    const others = names.length > some.length ? ` and ${names.length - some.length} more` : ''
    this.#conditions.raise(
      'journal_odd_files',
      `The journal's directory holds what is not the journal's, or cannot be looked at, and is passed over: ${some.join(', ')}${others}; move it away.`,
    )
  }

  #try<T>(what: string, action: () => T): T | null {
    try {
      return action()
    } catch (error) {
      this.#reportFailure(`the journal's directory: cannot ${what}`, error as Error)
      return null
    }
  }
}

function isOf(item: Batch | FilesUnit, { name, key }: ClickFile): boolean {
  return item.kind === 'batch' ? key.firstGeneration >= item.firstGeneration : item.names.includes(name)
}

/** What the flusher needs of it. */
export type Journal = Pick<JournalKeeper, keyof JournalKeeper>
