import { join } from 'node:path'
import type { FileKey, FormatVersion } from './format.ts'

/**
 * Files of the journal directory, told apart by name alone. Names of this version of the format end with its number:
 *   <writer>.writer2                          this writer's mark: it may have clicks here, and a row in the ledger
 *   <writer>.<database>.writer2               the same, once it is known which database its clicks are for
 *   <…>.adopted.writer2                       somebody has decided that they are for the next one, whichever it was
 *   <writer>.<generation>.<thread>-<n>.ticks2 one request thread's ticks; the nth file if one had to be given up
 *   <writer>.<first>-<last>.batch2            several generations, summed
 *   <…>.batch2.new                            a batch that is being written, or never was to its end
 *   stored/                                   files of what is stored, kept for a database that goes back
 *   aside/                                    clicks whose place in the ledger another process has taken
 *   damaged/                                  damaged files that were put aside
 *
 * Names of version 1 end without a number, and are read as well. Release 1.0.0 reads those alone, as this program leaves
 * alone what ends with a higher number: `.ticks3`. So a program that is older than a file never reads it, removes it, or
 * takes its writer for one that has ended.
 */
export type JournalFile =
  | Mark
  | {
      readonly kind: 'ticks' | 'batch'
      readonly name: string
      readonly version: FormatVersion
      readonly key: FileKey
    }

/** The name says it all: recording something in it takes no room on a full disk. */
export interface Mark {
  readonly kind: 'writer'
  readonly name: string
  readonly writer: string
  /** The id of the database that its clicks are for; null: of the first one that it meets. */
  readonly database: string | null
  /** Its clicks are for the next database that is met, however old they are. */
  readonly isAdopted: boolean
}

export type ClickFile = Exclude<JournalFile, { kind: 'writer' }>

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
/** Numbers as this module writes them: one name a file. */
const NUMBER = '(0|[1-9]\\d{0,9})'
const WRITER = new RegExp(`^${UUID}$`)
const MARK = new RegExp(`^(${UUID})(?:\\.(${UUID}))?(\\.adopted)?\\.writer2?$`)
const TICKS = new RegExp(`^(${UUID})\\.${NUMBER}\\.${NUMBER}-${NUMBER}\\.ticks(2?)$`)
const BATCH = new RegExp(`^(${UUID})\\.${NUMBER}-${NUMBER}\\.batch(2?)$`)
const UNFINISHED = new RegExp(`^${UUID}\\.${NUMBER}-${NUMBER}\\.batch2?\\.new$`)
const NEWER = new RegExp(`^${UUID}\\.(?:.+\\.)?(ticks|batch|writer)(?:[3-9]|[1-9]\\d{1,2})(?:\\.new)?$`)
/** The most that a number in a name can be; a file's header has no room for more than twice that. */
const MAX_NUMBER = 2 ** 31 - 1

export const damagedDirectory = 'damaged'
export const storedDirectory = 'stored'
export const asideDirectory = 'aside'
/** Directories within the journal's, each of files with the names that they had in it. */
export const innerDirectories = [damagedDirectory, storedDirectory, asideDirectory]

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

/** What a batch's file is called until all of it is on disk. */
export function unfinishedName(batch: string): string {
  return `${batch}.new`
}

export function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name)
}

/** Whose a name is that a newer version of this program has given: clicks, or something that goes with them. */
export function newerKind(name: string): 'clicks' | 'other' | null {
  const newer = NEWER.exec(name)
  if (newer === null) return null
  return newer[1] === 'writer' || name.endsWith('.new') ? 'other' : 'clicks'
}

/** Of a name that `parseName` took for one of clicks. */
export function clickFile(name: string): ClickFile {
  const file = parseName(name)
  if (file === null || file.kind === 'writer') throw new Error(`not a file of clicks: ${name}`)
  return file
}

/** The generation that a file's clicks are stored by. */
export function generationOf(name: string): number {
  return clickFile(name).key.lastGeneration
}

/** null for a name that is not one of the journal's, or whose file is not finished. */
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
