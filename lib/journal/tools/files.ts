import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ClickCounterError } from '../../base/errors.ts'
import { grossOf } from '../../rows/classes.ts'
import { isOfClicks, readEntries } from '../files/entries.ts'
import { type ClickFile, journalPath, newerKind, parseName } from '../files/names.ts'
import { type ReadingResult, readRecords, type Visit, type VisitKeyed } from '../files/reading.ts'

export interface FileReading extends ReadingResult {
  /** With those of bulks with a key. */
  readonly clicks: number
  readonly keyedBulks: number
}

/** The journal's directory. Throws a ClickCounterError when there is none. */
export function journalIn(dataDir: string): string {
  const journal = journalPath(dataDir)
  if (existsSync(journal)) return journal
  throw new ClickCounterError(
    'NO_JOURNAL',
    `there is no journal in ${dataDir}: no service has started there, or CLICKCOUNTER_DATA_DIR has to name another directory`,
  )
}

/** Paths of a directory's files of clicks, sorted; those that a newer version has named as well. */
export function clickPaths(directory: string): string[] {
  if (!existsSync(directory)) return []
  const { entries, newer } = readEntries(directory)
  const names = entries.filter(isOfClicks).map(({ file }) => file.name)
  return [...names, ...newer].map(name => join(directory, name)).sort()
}

/** Throws a ClickCounterError when it is not a file of clicks by its name, or cannot be read. */
export function readPath(
  path: string,
  visit: Visit = () => {},
  visitKeyed: VisitKeyed = () => {},
): FileReading {
  if (newerKind(basename(path)) === 'clicks')
    return {
      isDamaged: false,
      isTorn: false,
      records: 0,
      newer: 'a name of a newer version',
      ...{ clicks: 0, keyedBulks: 0 },
    }
  let clicks = 0
  let keyedBulks = 0
  const reading = readRecords(
    contentOf(path),
    clickFileAt(path),
    (minute, bannerId, clickClass, count) => {
      clicks += count
      visit(minute, bannerId, clickClass, count)
    },
    bulk => {
      keyedBulks++
      clicks += grossOf(bulk.totals)
      visitKeyed(bulk)
    },
  )
  return { ...reading, clicks, keyedBulks }
}

/** What the name of a file of clicks says. Throws a ClickCounterError when it is none. */
export function clickFileAt(path: string): ClickFile {
  const file = parseName(basename(path))
  if (file === null || file.kind === 'writer')
    throw new ClickCounterError(
      'NOT_A_JOURNAL_FILE',
      `${path} is not named like a file of clicks (….ticks2 or ….batch2; ….ticks or ….batch of 1.0.0)`,
    )
  return file
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ClickCounterError('JOURNAL_FILE_UNREADABLE', `${path} cannot be read (${code})`, {
      cause: error,
    })
  }
}
