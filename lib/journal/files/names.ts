import { join } from 'node:path'
import type { FileKey, FormatVersion } from './format.ts'

/**
 * Files of the journal directory, told apart by name alone. Names of this version of the
 * format end with its number:
 *   <writer>.writer2                          this writer's mark: it may have clicks here, and a row in the ledger
 *   <writer>.<database>.writer2               the same, once it is known which database its clicks are for
 *   <…>.adopted.writer2                       somebody has decided that its clicks are for the next database
 *   <writer>.<generation>.<thread>-<n>.ticks2 ticks of one request thread: its nth file, counted from 0
 *   <writer>.<first>-<last>.batch2            the sums of several generations
 *   <…>.batch2.new                            a batch that is not written to its end
 *   stored/                                   files of stored clicks, kept for a database that goes back
 *   aside/                                    clicks whose place in the ledger another process has taken
 *   aside/bulks/                              keyed bulks whose key is in question
 *   damaged/                                  damaged files
 *
 * Names of version 1 end without a number. This program reads them as well; release 1.0.0 reads only
 * them. This program in turn leaves alone what ends with a higher number, such as `.ticks3`. So a
 * program that is older than a file does not read it, does not remove it, and does not take its
 * writer for one that has ended.
 */
export type JournalFile =
  | Mark
  | {
      readonly kind: 'ticks' | 'batch'
      readonly name: string
      readonly version: FormatVersion
      readonly key: FileKey
    }

/** Everything is in the name: a rename records it, which takes no room on a full disk. */
export interface Mark {
  readonly kind: 'writer'
  readonly name: string
  readonly writer: string
  /**
   * The id of the database that the writer's clicks are for. null: they are for the first one that is met.
   */
  readonly database: string | null
  /** The writer's clicks are for the next database that is met, however old they are. */
  readonly isAdopted: boolean
}

export type ClickFile = Exclude<JournalFile, { kind: 'writer' }>

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
/** Numbers only as this module writes them: so a file has one name. */
const NUMBER = '(0|[1-9]\\d{0,9})'
const WRITER = new RegExp(`^${UUID}$`)
const MARK = new RegExp(`^(${UUID})(?:\\.(${UUID}))?(\\.adopted)?\\.writer2?$`)
const TICKS = new RegExp(`^(${UUID})\\.${NUMBER}\\.${NUMBER}-${NUMBER}\\.ticks(2?)$`)
const BATCH = new RegExp(`^(${UUID})\\.${NUMBER}-${NUMBER}\\.batch(2?)$`)
const UNFINISHED = new RegExp(`^${UUID}\\.${NUMBER}-${NUMBER}\\.batch2?\\.new$`)
const NEWER = new RegExp(`^${UUID}\\.(?:.+\\.)?(ticks|batch|writer)(?:[3-9]|[1-9]\\d{1,2})(?:\\.new)?$`)
const FIRST_NUMBER = /^[^.]+\.(\d+)/
/** The largest number in a name. A file's header has room for twice that. */
const MAX_NUMBER = 2 ** 31 - 1

export const damagedDirectory = 'damaged'
export const storedDirectory = 'stored'
export const asideDirectory = 'aside'
const bulksDirectory = 'bulks'
export const asideBulksDirectory = join(asideDirectory, bulksDirectory)
/** Names of directories within the journal's. Files that are moved there keep their names. */
export const innerDirectories = [damagedDirectory, storedDirectory, asideDirectory, bulksDirectory]

export function journalPath(dataDir: string): string {
  return join(dataDir, 'journal')
}

export function isWriter(text: string): boolean {
  return WRITER.test(text)
}

export function markName({ writer, database, isAdopted }: Omit<Mark, 'kind' | 'name'>): string {
  return [
    writer,
    ...(database === null ? [] : [database]),
    ...(isAdopted ? ['adopted'] : []),
    'writer2',
  ].join('.')
}

export function ticksName(key: FileKey, sequence: number): string {
  return `${key.writer}.${key.lastGeneration}.${key.thread}-${sequence}.ticks2`
}

export function batchName(key: FileKey): string {
  return `${key.writer}.${key.firstGeneration}-${key.lastGeneration}.batch2`
}

/** The name of a batch's file until all of it is on disk. */
export function unfinishedName(batch: string): string {
  return `${batch}.new`
}

export function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name)
}

/**
 * What a name stands for that a newer version of this program gives: clicks, or a mark or unfinished
 * file. null: it is no such name.
 */
export function newerKind(name: string): 'clicks' | 'other' | null {
  const newer = NEWER.exec(name)
  if (newer === null) return null
  return newer[1] === 'writer' || name.endsWith('.new') ? 'other' : 'clicks'
}

/**
 * The writer's generations from this one on wait for the newer version that has given these names:
 * if one of them were stored first, the ledger would say of the newer version's clicks that they
 * are stored. 0, so all of them, when a name does not have its generation where our names have it.
 */
export function heldFrom(writer: string, newerNames: readonly string[]): number {
  const own = newerNames.filter(name => name.startsWith(`${writer}.`))
  return Math.min(...own.map(name => Number(FIRST_NUMBER.exec(name)?.[1] ?? 0)))
}

/** What a name of clicks says. Throws when it is none. */
export function clickFile(name: string): ClickFile {
  const file = parseName(name)
  if (file === null || file.kind === 'writer') throw new Error(`not a file of clicks: ${name}`)
  return file
}

/** The generation that a file's clicks are stored under. */
export function generationOf(name: string): number {
  return clickFile(name).key.lastGeneration
}

/** null: not a name of the journal, or that of an unfinished file. */
export function parseName(name: string): JournalFile | null {
  const mark = MARK.exec(name)
  if (mark !== null) {
    const [, writer, database = null, adopted] = mark as unknown as [string, string, string?, string?]
    return { kind: 'writer', name, writer, database, isAdopted: adopted !== undefined }
  }
  const ticks = TICKS.exec(name)
  if (ticks !== null) {
    const [generation, thread, sequence] = ticks.slice(2, 5).map(Number) as [number, number, number]
    if (Math.max(thread, sequence) > MAX_NUMBER) return null
    const key = { writer: ticks[1]!, firstGeneration: generation, lastGeneration: generation, thread }
    return isPossible(key) ? { kind: 'ticks', name, version: versionOf(ticks[5]!), key } : null
  }
  const batch = BATCH.exec(name)
  if (batch === null) return null
  const key = {
    writer: batch[1]!,
    firstGeneration: Number(batch[2]),
    lastGeneration: Number(batch[3]),
    thread: 0,
  }
  return isPossible(key) ? { kind: 'batch', name, version: versionOf(batch[4]!), key } : null
}

function versionOf(digit: string): FormatVersion {
  return digit === '2' ? 2 : 1
}

/** Generations are from 1 to 2^31 − 1. */
function isPossible({ firstGeneration, lastGeneration }: FileKey): boolean {
  return firstGeneration >= 1 && firstGeneration <= lastGeneration && lastGeneration <= MAX_NUMBER
}
