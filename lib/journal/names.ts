import type { FileKey } from './format.ts'

/**
 * Files of the journal directory, told apart by name alone:
 *   <writer>.writer                          this writer may have a row in the ledger
 *   <writer>.<generation>.<thread>-<n>.ticks one request thread's ticks; the nth file if one had to be given up
 *   <writer>.<first>-<last>.batch            several generations, summed
 *   <…>.batch.new                            a batch that is being written, or never was to its end
 *   damaged/                                 files that were put aside
 */
export type JournalFile =
  | { readonly kind: 'writer'; readonly name: string; readonly writer: string }
  | { readonly kind: 'ticks' | 'batch'; readonly name: string; readonly key: FileKey }

export type ClickFile = Exclude<JournalFile, { kind: 'writer' }>

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
/** Numbers as this module writes them: one name a file. */
const NUMBER = '(0|[1-9]\\d{0,9})'
const WRITER = new RegExp(`^(${UUID})\\.writer$`)
const TICKS = new RegExp(`^(${UUID})\\.${NUMBER}\\.${NUMBER}-${NUMBER}\\.ticks$`)
const BATCH = new RegExp(`^(${UUID})\\.${NUMBER}-${NUMBER}\\.batch$`)
const UNFINISHED = new RegExp(`^${UUID}\\.${NUMBER}-${NUMBER}\\.batch\\.new$`)
/** The most that a number in a name can be; a file's header has no room for more than twice that. */
const MAX_NUMBER = 2 ** 31 - 1

export const damagedDirectory = 'damaged'

export function writerName(writer: string): string {
  return `${writer}.writer`
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
  const writer = WRITER.exec(name)
  if (writer !== null) return { kind: 'writer', name, writer: writer[1]! }
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
