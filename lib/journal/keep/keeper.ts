import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { StartError } from '../../base/errors.ts'
import type { Conditions } from '../../books/conditions.ts'
import type { ServiceBooks } from '../../books/service-books.ts'
import type { Batch } from '../../rows/batch.ts'
import { NO_CLICKS } from '../../rows/classes.ts'
import type { KeyedBulk } from '../../rows/keyed-bulk.ts'
import type { Settled } from '../../rows/settled.ts'
import type { BacklogItem, EndedWriter, FilesUnit } from '../files/item.ts'
import { asideDirectory, type ClickFile, damagedDirectory, heldFrom } from '../files/names.ts'
import { AsideBulks } from './aside-bulks.ts'
import { Compaction } from './compaction.ts'
import type { JournalDirectory } from './directory.ts'
import { EarlierWriters, type WaitingJournal } from './earlier.ts'
import { JournalGrowth } from './growth.ts'
import { KeptFiles, type TakenBack } from './kept.ts'
import { PassedOver } from './passed-over.ts'
import { supersedes } from './recovery.ts'
import { type TryTo, tryToAndLog } from './try-to.ts'

interface KeeperOptions {
  readonly writer: string
  readonly keepMs: number
  readonly books: ServiceBooks
  readonly conditions: Conditions
  readonly log: Logger
}

/**
 * Keeps the journal's files until their clicks are in Postgres, and for a while longer. Only main has one.
 * Request threads append to files of their own, and make room on a full disk. The flush worker only reads.
 *
 * A failing disk never stops a flush. What cannot be removed is found by the next start, and the ledger tells
 * that it is stored. What cannot be written stays in memory, and in the files of its ticks.
 */
export class JournalKeeper {
  readonly #directory: JournalDirectory
  readonly #kept: KeptFiles
  readonly #earlier: EarlierWriters
  readonly #compaction: Compaction
  readonly #passedOver: PassedOver
  readonly #asideBulks: AsideBulks
  readonly #writer: string
  readonly #books: ServiceBooks
  readonly #log: Logger
  readonly #growth = new JournalGrowth()
  readonly #try: TryTo
  /** The id of the database that this process's clicks are for. null: none was met. */
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
    this.#asideBulks = new AsideBulks(directory.path)
  }

  /**
   * Looks through what earlier processes have left. Throws a StartError when the directory cannot be read
   * now, or when a batch cannot be read whose damage decides about other files.
   */
  recover(): void {
    try {
      // The kept files first: putting the directory in order moves some of them.
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

  /** The id of the database that this process's clicks are for. null: none was met. */
  get database(): string | null {
    return this.#database
  }

  /**
   * The first database is met: this process's clicks are for it. Returns what earlier processes
   * have left for it, in the order in which it has to be stored. null: this cannot be recorded
   * now, so nothing may be stored.
   */
  meet(database: string): (FilesUnit | EndedWriter)[] | null {
    return this.#try('record the database', () => {
      const items = this.#earlier.meet(database)
      this.#database = database
      return items
    })
  }

  /** Whether what earlier processes have left waits until a database is met. */
  get isUnmet(): boolean {
    return this.#earlier.areUnmet
  }

  /** How many files earlier processes have put aside, until somebody decides. */
  get asideFiles(): number {
    return this.#try('look through', () => this.#directory.asideFiles()) ?? 0
  }

  /** How many files of keyed bulks were put aside, until somebody decides. */
  get asideBulkFiles(): number {
    return this.#try('look through', () => this.#asideBulks.files) ?? 0
  }

  /** What earlier processes have left for other databases. */
  get waiting(): readonly WaitingJournal[] {
    return this.#earlier.waiting
  }

  /** The generation that the ledger must have reached at least, by earlier writer. */
  get keptGenerations(): ReadonlyMap<string, number> {
    const newest = this.#earlier.present.map(writer => [writer, this.#kept.newest(writer)] as const)
    return new Map(newest.filter(([writer, generation]) => generation > 0 && writer !== this.#writer))
  }

  /** The ledger was found in order for all writers of the present database. */
  compared(): void {
    this.#try('remove', () => {
      this.#kept.compared(new Set(this.#earlier.present), performance.now())
      this.#earlier.forgetGone()
    })
  }

  /**
   * Makes what is kept of a writer's generations after this one wait again. Its items are without those that
   * a newer version's file holds back.
   */
  takeBack(writer: string, generation: number): TakenBack {
    // Before the moves: some of it waits again even if the rest cannot be moved, and a writer that has
    // ended would lose its mark.
    this.#earlier.resumed(writer)
    // Before the moves as well: nobody could be told of what was moved if the directory
    // cannot be read after them.
    const endGeneration = heldFrom(writer, this.#directory.listNewer())
    const { items, isWhole } = this.#kept.takeBack(writer, generation)
    this.#try('remove', () => items.forEach(item => void this.#asideBulks.remove(item)))
    return { items: items.filter(item => item.generation < endGeneration), isWhole }
  }

  /** Removes kept files until they fit into so many bytes. */
  limitKept(bytes: number): void {
    this.#kept.evict(this.#kept.bytes - bytes)
  }

  /** The last item that a process stores when nothing else is left. */
  ownEnd(): EndedWriter {
    return { kind: 'writer', writer: this.#writer, totals: NO_CLICKS }
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

  /** Whether something of a writer waits, or may wait. */
  hasClicks(writer: string): boolean {
    return this.#try('look through', () => this.#directory.hasClicks(writer)) ?? true
  }

  /** No click of the writer is older: milliseconds since the epoch. 0: that cannot be told. */
  startedAtMs(writer: string): number {
    return this.#try('look through', () => this.#directory.marks.madeAtMs(writer)) ?? 0
  }

  /**
   * An item is in Postgres, with what became of its clicks. `damaged` names those of its files of
   * which not all could be read.
   */
  stored(item: BacklogItem, settled: Settled, damaged: readonly string[]): void {
    // Before the item's files are kept: then the damaged ones would be moved with the others.
    for (const name of damaged) {
      this.#log.error(
        { file: name },
        'a journal file is damaged; what could be read is stored, the file is put aside',
      )
      this.#try('put aside', () => this.#directory.putAside(name, damagedDirectory))
    }
    this.#try('remove', () => {
      if (item.kind === 'writer') this.#earlier.ended(item.writer)
      else this.#keep(item, settled)
    })
  }

  #keep(item: Exclude<BacklogItem, EndedWriter>, settled: Settled): void {
    const { generation } = item
    const isOwn = item.kind === 'batch' || item.isOwn
    const writer = item.kind === 'batch' ? this.#writer : item.writer
    const { files, others } = this.#filesOf(item)
    this.#kept.keep(files, { writer, generation, settled: isOwn ? settled : null }, performance.now())
    if (isOwn) this.#directory.removeAll(others.map(({ file }) => file.name))
  }

  /**
   * Files of the item's writer up to its generation: `files` hold the item's clicks, each click once. The
   * `others` are summed up in these, or are left of what was stored before.
   */
  #filesOf(item: Batch | FilesUnit) {
    const writer = item.kind === 'batch' ? this.#writer : item.writer
    const through = this.#directory.through(writer, item.generation)
    const ofItem = through.filter(({ file }) => isOf(item, file))
    const files = ofItem.filter(({ file }) => !ofItem.some(other => supersedes(other.file, file)))
    return { files, others: through.filter(entry => !files.includes(entry)) }
  }

  /**
   * Moves the files of an item of this process to where they wait until somebody
   * decides. Returns whether it could.
   */
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

  /** Writes keyed bulks of an item to where they wait until somebody decides. Returns whether it could. */
  setBulksAside(item: Batch | FilesUnit, bulks: readonly KeyedBulk[]): boolean {
    const { generation } = item
    const writer = item.kind === 'batch' ? this.#writer : item.writer
    const isDone = this.#try('put aside', () => {
      this.#asideBulks.add({ writer, generation }, bulks)
      return true
    })
    return isDone ?? false
  }

  /**
   * Refreshes what /health tells of the journal. Returns the bytes of what waits.
   * null: they cannot be told now.
   */
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

/** What the flusher uses. */
export type Journal = Pick<JournalKeeper, keyof JournalKeeper>
