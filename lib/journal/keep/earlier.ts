import type { Logger } from 'pino'
import { JournalNewerError } from '../../base/errors.ts'
import { NO_CLICKS } from '../../rows/classes.ts'
import type { EndedWriter, FilesUnit } from '../files/item.ts'
import { type ClickFile, damagedDirectory, type JournalFile, type Mark } from '../files/names.ts'
import type { JournalDirectory } from './directory.ts'
import type { KeptFiles } from './kept.ts'
import { planRecovery, supersedes, type WriterRecovery } from './recovery.ts'
import type { TryTo } from './try-to.ts'

/** An earlier process's clicks that wait for another database. */
export interface WaitingJournal {
  readonly writer: string
  readonly files: number
  readonly bytes: number
  /** The id of the database that they are for. */
  readonly database: string
}

/** What earlier processes have left, and which of it is for the present database. */
export class EarlierWriters {
  readonly #directory: JournalDirectory
  readonly #kept: KeptFiles
  readonly #ownWriter: string
  readonly #log: Logger
  readonly #tryTo: TryTo
  /** What waits until a database is met. */
  #plans: WriterRecovery[] = []
  /** The writers whose files are for the present database. isEnded: nothing of them is left to store. */
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

  /** Looks through the directory, and puts it in order. */
  recover(): void {
    // Before the plans: what waits again is part of them.
    this.#orderKept()
    const { files, unknown } = this.#trustedFiles()
    const bytesOf = (file: ClickFile) => this.#directory.bytesOf(file)
    this.#plans = planRecovery(files, this.#ownWriter, bytesOf, this.#directory.listNewer())
    for (const { writer, superseded } of this.#plans)
      if (!unknown.has(writer)) this.#tryTo('remove', () => this.#directory.removeAll(superseded))
    // An older program has removed the mark. It has deleted the writer's row in the ledger as well, so
    // nothing of the writer may be compared with the ledger.
    const marked = new Set(this.#directory.marks.list().map(({ writer }) => writer))
    for (const writer of this.#kept.writers.difference(marked)) this.#kept.drop(writer)
  }

  /**
   * A writer's kept files are older than its files that wait. When one is not, a crash has cut short a move
   * of one transaction's files, in one direction or the other. Then all of them wait again.
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
   * Leaves out a batch that was damaged before the files that it sums up were removed: these are stored
   * instead. Only a newer version can say whether its own batch is damaged. The writers of such batches are
   * `unknown`: what their batches sum up stays, too.
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

  /** Whether clicks wait until a database is met. */
  get areUnmet(): boolean {
    return this.#plans.some(({ units }) => units.length > 0)
  }

  /** What waits for databases other than the present one. */
  get waiting(): readonly WaitingJournal[] {
    return this.#waiting
  }

  /** The writers whose files are for the present database: this process as well. */
  get present(): readonly string[] {
    return [...this.#present.keys()]
  }

  /**
   * A database is met. Returns what has to be stored in it, in order; from now on that is for this database
   * alone. Throws when this cannot be recorded: then everything waits for the next call.
   */
  meet(database: string): (FilesUnit | EndedWriter)[] {
    const marks = new Map(this.#directory.marks.list().map(mark => [mark.writer, mark]))
    const isFor = ({ writer }: WriterRecovery) => isForDatabase(marks.get(writer), database)
    const plans = this.#plans.filter(isFor)
    const elsewhere = this.#plans.filter(plan => !isFor(plan))
    const writers = new Set([this.#ownWriter, ...plans.map(({ writer }) => writer)])
    // Before anything else changes: if this throws, the next call finds the plans as they were.
    this.#directory.marks.assign(writers, database)
    this.#plans = []
    for (const writer of writers) {
      const mark = marks.get(writer)
      // The kept files are those of clicks in the other database.
      if (mark !== undefined && mark.database !== null && mark.database !== database) this.#kept.drop(writer)
      this.#present.set(writer, { isEnded: false })
    }
    this.#waiting = elsewhere.flatMap(plan => this.#leave(plan, marks.get(plan.writer)!.database!))
    return plans.flatMap(({ writer, units }) => [
      ...units.map(unit => ({ ...unit, isAdopted: marks.get(writer)?.isAdopted ?? false })),
      { kind: 'writer', writer, totals: NO_CLICKS } as const,
    ])
  }

  /** What waits of a writer for another database. Removes the mark of a writer that has nothing left. */
  #leave({ writer, units }: WriterRecovery, database: string): WaitingJournal[] {
    const names = units.flatMap(unit => unit.names)
    if (names.length > 0)
      return [{ writer, files: names.length, bytes: this.#directory.bytesOfAll(names), database }]
    // What is in no unit may still be the writer's clicks, such as a newer version's file. Without the mark they would be
    // for whichever database is met next.
    this.#tryTo('remove', () => {
      if (this.#kept.newest(writer) === 0 && !this.#directory.hasClicks(writer))
        this.#directory.marks.remove(writer)
    })
    return []
  }

  /** Nothing of the writer waits any more. */
  ended(writer: string): void {
    const present = this.#present.get(writer)
    if (present !== undefined) present.isEnded = true
    this.forgetGone()
  }

  /** Something of the writer waits again. */
  resumed(writer: string): void {
    const present = this.#present.get(writer)
    if (present !== undefined) present.isEnded = false
  }

  /** Removes the marks of writers that have ended and have no kept files. */
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
