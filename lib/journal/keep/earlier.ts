import type { Logger } from 'pino'
import { JournalNewerError } from '../../base/errors.ts'
import type { EndedWriter, FilesUnit } from '../files/item.ts'
import { type ClickFile, damagedDirectory, type JournalFile, type Mark } from '../files/names.ts'
import type { JournalDirectory } from './directory.ts'
import type { KeptFiles } from './kept.ts'
import { planRecovery, supersedes, type WriterRecovery } from './recovery.ts'
import type { TryTo } from './try-to.ts'

/** What waits of an earlier process, and is not stored. */
export interface WaitingJournal {
  readonly writer: string
  readonly files: number
  readonly bytes: number
  /** The database that it is for. */
  readonly database: string
}

/** What earlier processes have left, and which of it is for the database that is there. */
export class EarlierWriters {
  readonly #directory: JournalDirectory
  readonly #kept: KeptFiles
  readonly #ownWriter: string
  readonly #log: Logger
  readonly #tryTo: TryTo
  /** Nobody knows yet where they are to be stored. */
  #plans: WriterRecovery[] = []
  /** Those whose files are for the database that is there, and whether they have nothing left to store. */
  readonly #present = new Map<string, { isEnded: boolean }>()
  #waiting: WaitingJournal[] = []

  constructor(
    directory: JournalDirectory,
    kept: KeptFiles,
    options: { ownWriter: string; log: Logger; tryTo: TryTo },
  ) {
    this.#directory = directory
    this.#kept = kept
    this.#ownWriter = options.ownWriter
    this.#log = options.log
    this.#tryTo = options.tryTo
  }

  /** Looks through what is there, and puts it in order. */
  recover(): void {
    this.#orderKept()
    const { files, unknown } = this.#trustedFiles()
    this.#plans = planRecovery(files, this.#ownWriter, file => this.#directory.bytesOf(file))
    for (const { writer, superseded } of this.#plans)
      if (!unknown.has(writer)) this.#tryTo('remove', () => this.#directory.removeAll(superseded))
    // A mark that an older program has removed: it has deleted the row in the ledger, too.
    const marked = new Set(this.#directory.marks.list().map(({ writer }) => writer))
    for (const writer of this.#kept.writers.difference(marked)) this.#kept.drop(writer)
  }

  /**
   * What is kept of a writer is older than all of its that waits. Where it is not, a crash has cut short a move of one
   * transaction's files, to there or back: all of them wait again.
   */
  #orderKept(): void {
    const oldest = new Map<string, number>()
    for (const file of this.#directory.list())
      if (file.kind !== 'writer')
        oldest.set(
          file.key.writer,
          Math.min(oldest.get(file.key.writer) ?? Infinity, file.key.lastGeneration),
        )
    for (const [writer, generation] of oldest) this.#kept.takeBack(writer, generation - 1)
  }

  /**
   * A batch's file that was damaged before what it sums up had gone: that is still there, and all of it. Whether one of a
   * newer version is damaged, that version has to tell: of these writers, `unknown`, what is summed up stays, too.
   */
  #trustedFiles(): { files: JournalFile[]; unknown: ReadonlySet<string> } {
    const files = this.#directory.list()
    const ofClicks = files.filter(file => file.kind !== 'writer')
    const damaged = new Set<JournalFile>()
    const unknown = new Set<string>()
    for (const file of ofClicks.filter(file => ofClicks.some(other => supersedes(file, other)))) {
      const isDamaged = this.#isDamaged(file)
      if (isDamaged) damaged.add(file)
      if (isDamaged === null) unknown.add(file.key.writer)
    }
    for (const { name } of damaged) {
      this.#log.error(
        { file: name },
        'a journal file is damaged; what it sums up is still there, and is stored',
      )
      this.#tryTo('put aside', () => this.#directory.putAside(name, damagedDirectory))
    }
    return { files: files.filter(file => !damaged.has(file)), unknown }
  }

  /** null: a newer version of this program has written it. */
  #isDamaged(file: ClickFile): boolean | null {
    try {
      return this.#directory.isDamaged(file)
    } catch (error) {
      if (error instanceof JournalNewerError) return null
      throw error
    }
  }

  /** Clicks wait for a database to be met. */
  get areUnmet(): boolean {
    return this.#plans.some(({ units }) => units.length > 0)
  }

  /** What waits for other databases. */
  get waiting(): readonly WaitingJournal[] {
    return this.#waiting
  }

  /** Those whose files are for the database that is there: this process, too. */
  get present(): readonly string[] {
    return [...this.#present.keys()]
  }

  /**
   * A database is there: what is to be stored in it, in order. From now on it is for that one alone. Throws when that
   * cannot be recorded; then it waits for the next call.
   */
  meet(database: string): (FilesUnit | EndedWriter)[] {
    const marks = new Map(this.#directory.marks.list().map(mark => [mark.writer, mark]))
    const isFor = ({ writer }: WriterRecovery) => isForDatabase(marks.get(writer), database)
    const plans = this.#plans.filter(isFor)
    const elsewhere = this.#plans.filter(plan => !isFor(plan))
    const writers = new Set([this.#ownWriter, ...plans.map(({ writer }) => writer)])
    this.#directory.marks.assign(writers, database)
    this.#plans = []
    for (const writer of writers) {
      const mark = marks.get(writer)
      // They are in the other one.
      if (mark !== undefined && mark.database !== null && mark.database !== database) this.#kept.drop(writer)
      this.#present.set(writer, { isEnded: false })
    }
    this.#waiting = elsewhere.flatMap(plan => this.#leave(plan, marks.get(plan.writer)!.database!))
    return plans.flatMap(({ writer, units }) => [
      ...units.map(unit => ({ ...unit, isAdopted: marks.get(writer)?.isAdopted ?? false })),
      { kind: 'writer', writer, totalClicks: 0 } as const,
    ])
  }

  #leave({ writer, units }: WriterRecovery, database: string): WaitingJournal[] {
    const names = units.flatMap(unit => unit.names)
    if (names.length > 0)
      return [{ writer, files: names.length, bytes: this.#directory.bytesOfAll(names), database }]
    if (this.#kept.newest(writer) === 0) this.#tryTo('remove', () => this.#directory.marks.remove(writer))
    return []
  }

  /** Nothing of it waits any more. */
  ended(writer: string): void {
    const present = this.#present.get(writer)
    if (present !== undefined) present.isEnded = true
    this.forgetGone()
  }

  /** Something of it waits again. */
  resumed(writer: string): void {
    const present = this.#present.get(writer)
    if (present !== undefined) present.isEnded = false
  }

  /** Marks of those that have ended, and of which nothing is kept, go. */
  forgetGone(): void {
    for (const [writer, { isEnded }] of this.#present)
      if (isEnded && this.#kept.newest(writer) === 0) {
        this.#present.delete(writer)
        this.#directory.marks.remove(writer)
      }
  }
}

function isForDatabase(mark: Mark | undefined, database: string): boolean {
  return mark === undefined || mark.isAdopted || mark.database === null || mark.database === database
}
