import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import {
  type ClickFile,
  innerDirectories,
  isUnfinished,
  type JournalFile,
  newerKind,
  parseName,
} from './names.ts'

/** A plain file that is named like one of the journal's. */
export interface Entry<File extends JournalFile = JournalFile> {
  readonly file: File
  readonly status: Stats
}

export interface Entries {
  /** Those of one writer in the order of their generations. */
  readonly entries: readonly Entry[]
  /** Names of batches that were not written to their end. */
  readonly unfinished: readonly string[]
  /** Names of files of clicks that a newer version of this program has written. */
  readonly newer: readonly string[]
  /** Names of what has no business here, or cannot be looked at. */
  readonly odd: readonly string[]
}

/** What file systems themselves put into directories. */
const SYSTEM_NAME = /^(\..*|lost\+found)$/

/**
 * Looks through a directory of the journal. What is not a plain file is not the journal's, whatever its name: links
 * lead elsewhere, and a FIFO would hold whoever opens it.
 */
export function readEntries(directory: string): Entries {
  const entries: Entry[] = []
  const unfinished: string[] = []
  const newer: string[] = []
  const odd: string[] = []
  for (const name of readdirSync(directory)) {
    if (innerDirectories.includes(name) || SYSTEM_NAME.test(name)) continue
    const status = look(join(directory, name))
    // Gone since the directory was read.
    if (status === undefined) continue
    const file = parseName(name)
    if (!status?.isFile()) odd.push(name)
    else if (file !== null) entries.push({ file, status })
    else if (isUnfinished(name)) unfinished.push(name)
    else if (newerKind(name) === null) odd.push(name)
    else if (newerKind(name) === 'clicks') newer.push(name)
  }
  entries.sort((a, b) => lastGeneration(a.file) - lastGeneration(b.file))
  return { entries, unfinished, newer: newer.sort(), odd: odd.sort() }
}

/** Without following links. undefined: there is nothing; null: the disk does not say. */
export function look(path: string): Stats | null | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return null
  }
}

/** When a file's oldest click was accepted; a batch's file carries on what it took the place of. */
export function sinceMs({ file, status }: Entry): number {
  const { birthtimeMs, mtimeMs, ctimeMs } = status
  if (file.kind === 'batch') return mtimeMs
  // Some file systems keep no time of birth. Ticks are written to for as long as a generation lasts.
  return birthtimeMs > 0 ? birthtimeMs : Math.min(mtimeMs, ctimeMs)
}

export function isOfClicks(entry: Entry): entry is Entry<ClickFile> {
  return entry.file.kind !== 'writer'
}

function lastGeneration(file: JournalFile): number {
  return file.kind === 'writer' ? 0 : file.key.lastGeneration
}
