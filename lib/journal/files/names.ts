import { join } from 'node:path'
import type { FileKey } from './format.ts'

/**
 * Files of the journal directory, told apart by name alone:
 *   <writer>.writer                          this writer's mark: it may have clicks here, and a row in the ledger
 *   <writer>.<database>.writer               the same, once it is known which database its clicks are for
 *   <…>.adopted.writer                       somebody has decided that they are for the next one, whichever it was
 *   <writer>.<generation>.<thread>-<n>.ticks one request thread's ticks; the nth file if one had to be given up
 *   <writer>.<first>-<last>.batch            several generations, summed
 *   <…>.batch.new                            a batch that is being written, or never was to its end
 *   stored/                                  files of what is stored, kept for a database that goes back
 *   aside/                                   clicks whose place in the ledger another process has taken
 *   damaged/                                 damaged files that were put aside
 */
export type JournalFile =
  | Mark
  | { readonly kind: 'ticks' | 'batch'; readonly name: string; readonly key: FileKey }

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
const MARK = new RegExp(`^(${UUID})(?:\\.(${UUID}))?(\\.adopted)?\\.writer$`)
const TICKS = new RegExp(`^(${UUID})\\.${NUMBER}\\.${NUMBER}-${NUMBER}\\.ticks$`)
const BATCH = new RegExp(`^(${UUID})\\.${NUMBER}-${NUMBER}\\.batch$`)
const UNFINISHED = new RegExp(`^${UUID}\\.${NUMBER}-${NUMBER}\\.batch\\.new$`)
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
  return [writer, ...(database === null ? [] : [database]), ...(isAdopted ? ['adopted'] : []), 'writer'].join(
    '.',
  )
}

export function ticksName(key: FileKey, sequence: number): string {
  return `${key.writer}.${key.lastGeneration}.${key.thread}-${sequence}.ticks`
}

export function batchName(key: FileKey): string {
  return `${key.writer}.${key.firstGeneration}-${key.lastGeneration}.batch`
}

/** What a batch's file is called until all of it is on disk. */
export function unfinishedName(batch: string): string {
  return `${batch}.new`
}

export function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name)
}

/** The generation that a file's clicks are stored by. */
export function generationOf(name: string): number {
  const file = parseName(name)
  if (file === null || file.kind === 'writer') throw new Error(`not a file of clicks: ${name}`)
  return file.key.lastGeneration
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
    const [generation, thread, sequence] = ticks.slice(2).map(Number) as [number, number, number]
    if (Math.max(thread, sequence) > MAX_NUMBER) return null
    return clickFile('ticks', name, ticks[1]!, generation, generation, thread)
  }
  const batch = BATCH.exec(name)
  if (batch === null) return null
  return clickFile('batch', name, batch[1]!, Number(batch[2]), Number(batch[3]), 0)
}

/** Generations are from 1 to 2^31 − 1. */
function clickFile(
  kind: ClickFile['kind'],
  name: string,
  writer: string,
  firstGeneration: number,
  lastGeneration: number,
  thread: number,
): ClickFile | null {
  const isPossible = firstGeneration >= 1 && firstGeneration <= lastGeneration && lastGeneration <= MAX_NUMBER
  return isPossible ? { kind, name, key: { writer, firstGeneration, lastGeneration, thread } } : null
}
