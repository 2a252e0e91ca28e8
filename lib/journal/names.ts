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
const WRITER = new RegExp(`^(${UUID})\\.writer$`)
const TICKS = new RegExp(`^(${UUID})\\.(\\d+)\\.(\\d+)-\\d+\\.ticks$`)
const BATCH = new RegExp(`^(${UUID})\\.(\\d+)-(\\d+)\\.batch$`)

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
  return name.endsWith('.batch.new')
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
    const generation = Number(ticks[2])
    const key = {
      writer: ticks[1]!,
      firstGeneration: generation,
      lastGeneration: generation,
      thread: Number(ticks[3]),
    }
    return { kind: 'ticks', name, key }
  }
  const batch = BATCH.exec(name)
  if (batch === null) return null
  const key = {
    writer: batch[1]!,
    firstGeneration: Number(batch[2]),
    lastGeneration: Number(batch[3]),
    thread: 0,
  }
  return { kind: 'batch', name, key }
}
