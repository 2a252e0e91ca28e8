import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isOfClicks, readEntries } from './entries.ts'
import { asideBulksDirectory, asideDirectory, damagedDirectory, storedDirectory } from './names.ts'

/** Paths of what a journal holds, each list sorted. */
export interface JournalContent {
  /** Clicks that are not stored, as far as anybody can tell; a newer version's as well. */
  readonly waiting: readonly string[]
  /** Clicks whose place in the ledger another process has taken. */
  readonly aside: readonly string[]
  /** Keyed bulks whose key is in question. */
  readonly asideBulks: readonly string[]
  /** All that could be read of them is stored, or waits. */
  readonly damaged: readonly string[]
  /** Clicks that are stored, and kept for a database that goes back. */
  readonly kept: readonly string[]
  /** What has no business there, or cannot be looked at. */
  readonly odd: readonly string[]
}

/** Looks through a journal's directory. Throws when it cannot be read. */
export function journalContent(journal: string): JournalContent {
  const { entries, newer, odd } = readEntries(journal)
  const names = entries.filter(isOfClicks).map(({ file }) => file.name)
  return {
    waiting: pathsOf(journal, [...names, ...newer]),
    aside: pathsIn(join(journal, asideDirectory)),
    asideBulks: pathsIn(join(journal, asideBulksDirectory)),
    damaged: pathsIn(join(journal, damagedDirectory)),
    kept: pathsIn(join(journal, storedDirectory)),
    odd: pathsOf(journal, odd),
  }
}

/** Whose clicks a journal may hold. Throws when it cannot be read. */
export function writersIn(journal: string): ReadonlySet<string> {
  const files = readEntries(journal).entries.map(({ file }) => file)
  return new Set(files.map(file => (file.kind === 'writer' ? file.writer : file.key.writer)))
}

/** Files of clicks in one of the inner directories, a newer version's as well. */
function pathsIn(directory: string): string[] {
  if (!existsSync(directory)) return []
  const { entries, newer } = readEntries(directory)
  return pathsOf(directory, [...entries.filter(isOfClicks).map(({ file }) => file.name), ...newer])
}

function pathsOf(directory: string, names: readonly string[]): string[] {
  return names.map(name => join(directory, name)).sort()
}
