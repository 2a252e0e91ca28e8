import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { StartError } from '../../base/errors.ts'
import type { Conditions } from '../../books/conditions.ts'
import type { ServiceBooks } from '../../books/service-books.ts'
import type { Batch } from '../../rows/batch.ts'
import type { BacklogItem, EndedWriter, FilesUnit } from '../files/item.ts'
import { asideDirectory, type ClickFile, damagedDirectory } from '../files/names.ts'
import { Compaction } from './compaction.ts'
import type { JournalDirectory } from './directory.ts'
import { EarlierWriters, type WaitingJournal } from './earlier.ts'
import { JournalGrowth } from './growth.ts'
import { KeptFiles, type TakenBack } from './kept.ts'
import { PassedOver } from './passed-over.ts'
import { supersedes } from './recovery.ts'
import { type TryTo, tryToAndLog } from './try-to.ts'

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
  readonly #compaction: Compaction
  readonly #passedOver: PassedOver
  readonly #writer: string
  readonly #books: ServiceBooks
  readonly #log: Logger
  readonly #growth = new JournalGrowth()
  readonly #try: TryTo
  /** The one that this process' clicks are for; null: none was met. */
  #database: string | null = null

  constructor(directory: JournalDirectory, { writer, keepMs, books, conditions, log }: KeeperOptions) {
    this.#directory = directory
    this.#writer = writer
    this.#books = books
    this.#log = log
    this.#try = tryToAndLog(log)
    this.#kept = new KeptFiles(directory.path, keepMs)
    this.#earlier = new EarlierWriters(directory, this.#kept, { ownWriter: writer, log, tryTo: this.#try })
    this.#compaction = new Compaction(directory, this.#kept, this.#try)
    this.#passedOver = new PassedOver(conditions)
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

  /** See Compaction. */
  spill(batch: Batch): BacklogItem {
    return this.#compaction.spill(batch)
  }

  /** See Compaction. */
  grown(batch: Batch): void {
    this.#compaction.grown(batch)
  }

  /** A file of the journal was found to be a newer version's: it stays, and operators are told. */
  leaveToNewer(name: string): void {
    this.#passedOver.addNewer(name)
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
    const files = ofItem.filter(({ file }) => !ofItem.some(other => supersedes(other.file, file)))
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
    this.#passedOver.tell(usage.odd, usage.newer)
    return usage.bytes
  }
}

function isOf(item: Batch | FilesUnit, { name, key }: ClickFile): boolean {
  return item.kind === 'batch' ? key.firstGeneration >= item.firstGeneration : item.names.includes(name)
}

/** What the flusher needs of it. */
export type Journal = Pick<JournalKeeper, keyof JournalKeeper>
