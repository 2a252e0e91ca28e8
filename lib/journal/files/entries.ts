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

interface Entries {
  /** Ascending by generation. */
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
 * Looks through a directory of the journal. What is not a plain file is odd, whatever its name: a link leads
 * elsewhere, and opening a FIFO would wait for its other end.
 */
export function readEntries(directory: string): Entries {
  const entries: Entry[] = []
  const unfinished: string[] = []
  const newer: string[] = []
  const odd: string[] = []
  for (const name of readdirSync(directory)) {
    if (innerDirectories.includes(name) || SYSTEM_NAME.test(name)) continue
    const status = look(join(directory, name))
    // It has gone since the directory was read.
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

/** Does not follow links. undefined: there is nothing. null: the disk does not say. */
export function look(path: string): Stats | null | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return null
  }
}

/**
 * When a file's oldest click was accepted. A batch's file has taken this time over from
 * the files that it sums up.
 */
export function sinceMs({ file, status }: Entry): number {
  const { birthtimeMs, mtimeMs, ctimeMs } = status
  if (file.kind === 'batch') return mtimeMs
  // Some file systems keep no time of birth. The time of the last write is off by a
  // generation's length at most.
  return birthtimeMs > 0 ? birthtimeMs : Math.min(mtimeMs, ctimeMs)
}

export function isOfClicks(entry: Entry): entry is Entry<ClickFile> {
  return entry.file.kind !== 'writer'
}

function lastGeneration(file: JournalFile): number {
  return file.kind === 'writer' ? 0 : file.key.lastGeneration
}
