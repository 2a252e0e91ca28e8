import { closeSync, fsyncSync, openSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { syncDirectory } from '../../base/make-directory.ts'
import { readEntries } from '../files/entries.ts'
import { type Mark, markName } from '../files/names.ts'

/**
 * The writers that may have clicks in the journal, and the databases of these clicks: an
 * empty file each, see names.ts.
 */
export class Marks {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  list(): Mark[] {
    return readEntries(this.#path)
      .entries.map(({ file }) => file)
      .filter(file => file.kind === 'writer')
  }

  /** When the writer's mark was made, before its first click: milliseconds since the epoch. 0: it has none. */
  madeAtMs(writer: string): number {
    const mark = this.list().find(each => each.writer === writer)
    // A rename leaves this time as it is.
    return mark === undefined ? 0 : statSync(join(this.#path, mark.name)).mtimeMs
  }

  /** When this returns, the mark is on disk. */
  make(writer: string, { database = null, isAdopted = false }: Partial<Mark> = {}): void {
    const fd = openSync(join(this.#path, markName({ writer, database, isAdopted })), 'w', 0o600)
    fsyncSync(fd)
    closeSync(fd)
    syncDirectory(this.#path)
  }

  /** These writers' clicks are for this database alone from now on. When this returns, that is on disk. */
  assign(writers: ReadonlySet<string>, database: string): void {
    this.#set(writers, { database, isAdopted: false })
  }

  /** These writers' clicks are for the next database that is met. When this returns, that is on disk. */
  adopt(writers: ReadonlySet<string>): void {
    this.#set(writers, { isAdopted: true })
  }

  remove(writer: string): void {
    for (const mark of this.list()) if (mark.writer === writer) unlinkSync(join(this.#path, mark.name))
  }

  /** Changes the marks of these writers, and makes those that are missing. */
  #set(writers: ReadonlySet<string>, change: Partial<Pick<Mark, 'database' | 'isAdopted'>>): void {
    const marks = this.list().filter(({ writer }) => writers.has(writer))
    for (const mark of marks) this.#rename(mark, { ...mark, ...change })
    for (const writer of writers.difference(new Set(marks.map(mark => mark.writer))))
      this.make(writer, change)
    // Last: it takes all renames to the disk.
    syncDirectory(this.#path)
  }

  #rename(from: Mark, to: Omit<Mark, 'kind' | 'name'>): void {
    const name = markName(to)
    if (name !== from.name) renameSync(join(this.#path, from.name), join(this.#path, name))
  }
}
