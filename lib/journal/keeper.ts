import type { Logger } from 'pino'
import { StartError } from '../errors.ts'
import { rarely } from '../failure-report.ts'
import type { BacklogItem, ForgottenWriter } from '../flush/backlog.ts'
import { type Batch, batchBytes } from '../flush/batch.ts'
import type { ServiceBooks } from '../health/books.ts'
import type { Conditions } from '../health/conditions.ts'
import type { JournalDirectory } from './directory.ts'
import { JournalGrowth } from './growth.ts'
import type { JournalFile } from './names.ts'
import { covers, type FilesUnit, planRecovery } from './recovery.ts'

/** A batch that grows while it waits is written anew when its generations' ticks have come to so many bytes. */
const COMPACT_BYTES = 4 * 2 ** 20
/** Or to so many files, each of which takes a block on disk, and a transaction's step at a recovery. */
const COMPACT_FILES = 64

/**
 * Keeps the journal as long as, and no longer than, its clicks are not in Postgres. Main's alone: request
 * threads only append to files of their own, the flush worker only reads.
 *
 * A failing disk never stops a flush: what cannot be removed is found by the next start and told from the
 * ledger to be stored already; what cannot be written stays in memory, and in the ticks' files.
 */
export class JournalKeeper {
  readonly #directory: JournalDirectory
  readonly #writer: string
  readonly #books: ServiceBooks
  readonly #conditions: Conditions
  readonly #log: Logger
  readonly #growth = new JournalGrowth()
  readonly #reportFailure: (what: string, error: Error) => void

  constructor(
    directory: JournalDirectory,
    options: { writer: string; books: ServiceBooks; conditions: Conditions; log: Logger },
  ) {
    this.#directory = directory
    this.#writer = options.writer
    this.#books = options.books
    this.#conditions = options.conditions
    this.#log = options.log
    // A directory that has gone is looked for every second.
    this.#reportFailure = rarely((what, error) => this.#log.error({ err: error }, what))
  }

  /**
   * What earlier processes left, in the order in which it is to be stored. Throws a StartError when the directory,
   * or a file that decides about others, cannot be read.
   */
  recover(): (FilesUnit | ForgottenWriter)[] {
    try {
      return this.#recover()
    } catch (error) {
      const { message } = error as Error
      throw new StartError(
        'JOURNAL_UNUSABLE',
        `the journal cannot be read now (${message}); start again`,
        error,
      )
    }
  }

  #recover(): (FilesUnit | ForgottenWriter)[] {
    const plans = planRecovery(this.#soundFiles(), this.#writer, file => this.#directory.bytesOf(file))
    for (const { superseded } of plans) this.#try('remove', () => this.#directory.removeAll(superseded))
    return plans.flatMap(({ writer, units }) => [...units, forgotten(writer)])
  }

  /** A batch's file that was damaged before what it sums up had gone: that is still there, and all of it. */
  #soundFiles(): JournalFile[] {
    const files = this.#directory.list()
    const isDamaged = (file: JournalFile) =>
      file.kind === 'batch' &&
      files.some(other => other !== file && other.kind !== 'writer' && covers(file.key, other.key)) &&
      this.#directory.isDamaged(file)
    const damaged = new Set(files.filter(isDamaged))
    for (const { name } of damaged) {
      this.#log.error(
        { file: name },
        'a journal file is damaged; what it sums up is still there, and is stored',
      )
      this.#try('put aside', () => this.#directory.putAside(name))
    }
    return files.filter(file => !damaged.has(file))
  }

  /** The last thing a process does that has nothing left to store. */
  ownEnd(): ForgottenWriter {
    return forgotten(this.#writer)
  }

  /** In place of a batch that takes in no more generations: a file, so that memory stays bounded. */
  spill(batch: Batch): BacklogItem {
    const name = this.#try('write', () => this.#directory.writeBatch(batch))
    if (name === null) return batch
    const { generation, totalClicks } = batch
    return { kind: 'files', writer: this.#writer, generation, names: [name], isOwn: true, totalClicks }
  }

  /**
   * A waiting batch has grown. Its ticks' files give way to one that is written when they have become much
   * larger than it, or many, so that an outage costs bytes for each banner and minute, not for each click.
   */
  grown(batch: Batch): void {
    this.#try('write', () => {
      if (this.#isWorthWriting(batch)) this.#directory.writeBatch(batch)
    })
  }

  #isWorthWriting(batch: Batch): boolean {
    const { files, bytes } = this.#directory.ticksWithin(batch)
    return files >= COMPACT_FILES || bytes > Math.max(COMPACT_BYTES, 2 * batchBytes(batch))
  }

  /** Whether a writer's ledger row may go: none of its files would be stored a second time. */
  isGone(writer: string): boolean {
    return this.#try('look through', () => this.#directory.isGone(writer)) ?? false
  }

  /** An item is in Postgres; `damaged` names those of its files that hold more than could be read. */
  stored(item: BacklogItem, damaged: readonly string[]): void {
    for (const name of damaged) {
      this.#log.error(
        { file: name },
        'a journal file is damaged; what could be read is stored, the file is put aside',
      )
      this.#try('put aside', () => this.#directory.putAside(name))
    }
    this.#try('remove', () => {
      if (item.kind === 'writer') this.#directory.forgetWriter(item.writer)
      else if (item.kind === 'batch' || item.isOwn) this.#directory.removeThrough(item.generation)
      else this.#directory.removeAll(item.names.filter(name => !damaged.includes(name)))
    })
  }

  /** Refreshes what /health tells of the journal. Returns its bytes; null: nobody can tell now. */
  measure(nowMs: number): number | null {
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

/** What the flusher needs of it. */
export type Journal = Pick<JournalKeeper, keyof JournalKeeper>

function forgotten(writer: string): ForgottenWriter {
  return { kind: 'writer', writer, totalClicks: 0 }
}
