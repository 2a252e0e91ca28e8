import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ClickCounterError } from '../../base/errors.ts'
import { holdDirectory } from '../../exclusive/directory.ts'
import { batchOf } from '../../rows/batch.ts'
import { readFiles } from '../files/batch-file.ts'
import { isOfClicks, readEntries } from '../files/entries.ts'
import {
  asideBulksDirectory,
  asideDirectory,
  damagedDirectory,
  isWriter,
  journalPath,
} from '../files/names.ts'
import { JournalDirectory } from '../keep/directory.ts'
import { Marks } from '../keep/marks.ts'
import { journalIn } from './files.ts'

/** Clicks that the next database gets. */
interface Adopted {
  readonly writer: string
  readonly files: number
  /** They had been put aside. Now they are in the journal, as a new writer's. */
  readonly wasAside: boolean
}

/**
 * Gives clicks to the database that the service meets next: those of these writers, or of all. It does not
 * matter which database they were for, how old they are, or whether they were put aside. What waits for that
 * database anyway stays as it is. Throws a ClickCounterError, before it has changed anything, when a writer
 * has no clicks here, when the service runs, or when a file that was put aside cannot be read.
 */
export function adopt(dataDir: string, writers: readonly string[]): Adopted[] {
  const journal = journalIn(dataDir)
  const held = holdDirectory(dataDir)
  try {
    const waiting = filesByWriter(journal)
    const aside = asideByWriter(journal)
    const known = new Set([...waiting.keys(), ...aside.keys()])
    for (const writer of writers) expectKnown(writer, known)
    const chosen = writers.length === 0 ? known : new Set(writers)
    // Before anything is changed: a file that cannot be read throws here.
    for (const { inner, name } of [...chosen].flatMap(writer => aside.get(writer) ?? []))
      readFiles(join(journal, inner), [name])
    new Marks(journal).adopt(chosen.intersection(waiting))
    return [...chosen].flatMap(writer => {
      const asideFiles = aside.get(writer) ?? []
      for (const file of asideFiles) adoptAside(dataDir, file)
      return [
        { writer, files: waiting.get(writer)?.length ?? 0, wasAside: false },
        { writer, files: asideFiles.length, wasAside: true },
      ].filter(({ files }) => files > 0)
    })
  } finally {
    held.release()
  }
}

function expectKnown(writer: string, known: ReadonlySet<string>): void {
  if (!isWriter(writer))
    throw new ClickCounterError('NOT_A_WRITER', `${writer} is not a writer's id, which list shows`)
  if (!known.has(writer))
    throw new ClickCounterError(
      'UNKNOWN_WRITER',
      `nothing of writer ${writer} waits here; there is ${[...known].join(', ') || 'nothing that waits'}`,
    )
}

function filesByWriter(directory: string): Map<string, string[]> {
  if (!existsSync(directory)) return new Map()
  const files = readEntries(directory).entries.filter(isOfClicks)
  const byWriter = Map.groupBy(files, ({ file }) => file.key.writer)
  return new Map([...byWriter].map(([writer, of]) => [writer, of.map(({ file }) => file.name)]))
}

/** A file in one of the journal's inner directories. */
interface AsideFile {
  readonly inner: string
  readonly name: string
}

function asideByWriter(journal: string): Map<string, AsideFile[]> {
  const aside = new Map<string, AsideFile[]>()
  for (const inner of [asideDirectory, asideBulksDirectory])
    for (const [writer, names] of filesByWriter(join(journal, inner)))
      aside.set(writer, [...(aside.get(writer) ?? []), ...names.map(name => ({ inner, name }))])
  return aside
}

/**
 * A file that was put aside becomes the only batch of a new writer, because its place in the ledger is taken.
 * The new writer's id comes from the file's name and content: if this breaks off half-way, the next try makes
 * the same writer, and the clicks are stored once.
 */
function adoptAside(dataDir: string, { inner, name }: AsideFile): void {
  const aside = join(journalPath(dataDir), inner)
  const { rows, keyed, damaged } = readFiles(aside, [name])
  const directory = new JournalDirectory(dataDir, writerFrom(name, readFileSync(join(aside, name))))
  // The mark first: without it, clicks older than 90 days would not be stored. The file that was put aside
  // goes last: before the batch is on disk, a crash would lose its clicks.
  directory.marks.adopt(new Set([directory.writer]))
  directory.writeBatch(batchOf(1, rows, keyed))
  const inJournal = join(inner, name)
  if (damaged.length > 0) directory.putAside(inJournal, damagedDirectory)
  else directory.remove(inJournal)
}

/** A UUID of version 8. */
function writerFrom(name: string, content: Buffer): string {
  const bytes = createHash('sha256').update(`${name}\n`).update(content).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
