import { mkdirSync, renameSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Settled } from '../../rows/settled.ts'
import { isDiskFull, isDone } from '../files/disk.ts'
import { isOfClicks, look, readEntries } from '../files/entries.ts'
import { type ClickFile, storedDirectory } from '../files/names.ts'

/** Files of one transaction of this process, or of one generation of an earlier one. */
export interface KeptItem {
  readonly writer: string
  readonly firstGeneration: number
  /** The generation that the item was stored under. */
  readonly generation: number
  readonly names: readonly string[]
  readonly bytes: number
  /** What became of their clicks. null: an earlier process accepted them, and no books have them. */
  readonly settled: Settled | null
  /** By the clock of performance.now(), which nobody sets. */
  readonly storedAtMs: number
}

export interface TakenBack {
  /** What was still kept, ascending by generation. */
  readonly items: readonly KeptItem[]
  /** Whether that is certain to be everything that was stored after the generation. */
  readonly isWhole: boolean
}

/**
 * Files of stored clicks, in case the database goes back to an earlier state. They are removed when the
 * ledger was found in order `keepMs` after they were stored, or when their room is needed. A request thread
 * removes some as well, before it refuses a click: so the file of a name here may be gone.
 */
export class KeptFiles {
  readonly #journalPath: string
  readonly #path: string
  readonly #keepMs: number
  /** The oldest first. */
  #items: KeptItem[] = []

  constructor(journalPath: string, keepMs: number) {
    this.#journalPath = journalPath
    this.#path = join(journalPath, storedDirectory)
    this.#keepMs = keepMs
  }

  /** Makes the directory, if the disk has room for it. Finds what earlier processes have kept. */
  open(): void {
    try {
      mkdirSync(this.#path, { mode: 0o700 })
    } catch (error) {
      // The disk is full: nothing is kept.
      if (!isDiskFull(error) && (error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (look(this.#path) === undefined) return
    const entries = readEntries(this.#path).entries.filter(isOfClicks)
    const epochMs = Date.now() - performance.now()
    const generations = Map.groupBy(entries, ({ file: { key } }) => `${key.writer}.${key.lastGeneration}`)
    const newestMs = new Map<string, number>()
    this.#items = [...generations.values()]
      .map(of => {
        const { writer, lastGeneration: generation } = of[0]!.file.key
        // Only moving a file here sets this time, or copying it later. When the clock was put back, or a copy
        // was made in another order, a generation counts as no older than the one before it.
        const movedMs = Math.max(newestMs.get(writer) ?? 0, ...of.map(({ status }) => status.ctimeMs))
        newestMs.set(writer, movedMs)
        return {
          writer,
          firstGeneration: firstGeneration(of.map(({ file }) => file)),
          generation,
          names: of.map(({ file }) => file.name),
          bytes: of.reduce((sum, { status }) => sum + status.size, 0),
          settled: null,
          storedAtMs: movedMs - epochMs,
        }
      })
      .sort((a, b) => a.storedAtMs - b.storedAtMs || a.generation - b.generation)
  }

  get files(): number {
    return this.#items.reduce((sum, { names }) => sum + names.length, 0)
  }

  get bytes(): number {
    return this.#items.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get writers(): ReadonlySet<string> {
    return new Set(this.#items.map(({ writer }) => writer))
  }

  /** The newest generation of the writer that has a kept file. 0: none has. */
  newest(writer: string): number {
    return this.#of(writer).reduce((newest, { generation }) => Math.max(newest, generation), 0)
  }

  /** Moves files of the journal here: their clicks are stored. One that cannot be moved is removed. */
  keep(
    files: readonly { readonly file: ClickFile; readonly status: { readonly size: number } }[],
    { writer, generation, settled }: Pick<KeptItem, 'writer' | 'generation' | 'settled'>,
    storedAtMs: number,
  ): void {
    if (files.length === 0) return
    const names = files.map(({ file }) => file.name)
    const bytes = files.reduce((sum, { status }) => sum + status.size, 0)
    const first = firstGeneration(files.map(({ file }) => file))
    // Before the moves: one of them may fail, and a file that was moved and is in no item would
    // stay until the next start.
    this.#items.push({ writer, firstGeneration: first, generation, names, bytes, settled, storedAtMs })
    const isMoved = (name: string) =>
      isDone(() => renameSync(join(this.#journalPath, name), join(this.#path, name)))
    for (const name of names.filter(name => !isMoved(name))) unlinkSync(join(this.#journalPath, name))
  }

  /** The ledger was found in order for these writers: what was kept for long enough is removed. */
  compared(writers: ReadonlySet<string>, nowMs: number): void {
    const isOver = ({ writer, storedAtMs }: KeptItem) =>
      writers.has(writer) && storedAtMs + this.#keepMs <= nowMs
    for (const item of this.#items.filter(isOver)) this.#remove(item)
    this.#items = this.#items.filter(item => !isOver(item))
  }

  /** Removes items, the oldest first, until the removed ones had so many bytes or none is left. */
  evict(bytes: number): void {
    for (let freedBytes = 0; freedBytes < bytes && this.#items.length > 0; ) {
      const oldest = this.#items.shift()!
      this.#remove(oldest)
      freedBytes += oldest.bytes
    }
  }

  /** Removes what is kept of a writer: nobody will ask for it. */
  drop(writer: string): void {
    for (const item of this.#of(writer)) this.#remove(item)
    this.#items = this.#items.filter(item => item.writer !== writer)
  }

  /**
   * Moves a writer's files of generations after this one back into the journal, where they wait again. The
   * newest is moved first: so whatever a crash leaves here is older than what waits, and the next start finds
   * out. Throws when a file is there and cannot be moved: nothing newer may be stored before it.
   */
  takeBack(writer: string, generation: number): TakenBack {
    const isMissing = (item: KeptItem) => item.writer === writer && item.generation > generation
    const missing = this.#items.filter(isMissing).sort((a, b) => b.generation - a.generation)
    const taken = missing.map(item => ({ ...item, names: item.names.filter(name => this.#moveBack(name)) }))
    this.#items = this.#items.filter(item => !isMissing(item))
    const areAllThere = taken.every(({ names }, nth) => names.length === missing[nth]!.names.length)
    const oldest = missing.at(-1)?.firstGeneration ?? Number.POSITIVE_INFINITY
    const isWhole = areAllThere && (this.newest(writer) > 0 || oldest <= generation + 1)
    return { items: taken.filter(({ names }) => names.length > 0).reverse(), isWhole }
  }

  /** Whether the file is in the journal now. Some never left it, and some were removed to make room. */
  #moveBack(name: string): boolean {
    const path = join(this.#journalPath, name)
    if (look(path) !== undefined) return true
    try {
      renameSync(join(this.#path, name), path)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return false
    }
  }

  #of(writer: string): KeptItem[] {
    return this.#items.filter(item => item.writer === writer)
  }

  #remove({ names }: KeptItem): void {
    for (const name of names) isDone(() => unlinkSync(join(this.#path, name)))
  }
}

function firstGeneration(files: readonly ClickFile[]): number {
  return Math.min(...files.map(({ key }) => key.firstGeneration))
}
