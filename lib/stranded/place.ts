import { realpathSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { ClickCounterError } from '../base/errors.ts'
import { holdDirectory } from '../exclusive/directory.ts'
import { journalPath } from '../journal/files/names.ts'

/** Another instance's data directory, which nobody else uses meanwhile. */
export interface StrandedPlace {
  readonly dataDir: string
  readonly journal: string
  release(): void
}

/**
 * Takes the data directory that `directory` is, or whose journal it is. Throws a ClickCounterError, and has changed no
 * file, when there is no journal, when it is another user's, or when a service runs there.
 */
export function takeStranded(directory: string): StrandedPlace {
  const dataDir = dataDirOf(directory)
  const journal = journalPath(dataDir)
  // Before the hold, which makes a file: root's would keep the service of its own user from starting.
  expectOurs(journal)
  const held = hold(dataDir)
  return { dataDir, journal, release: () => held.release() }
}

/** Where links lead: two names of one directory must be one. */
function dataDirOf(directory: string): string {
  const path = isDirectory(directory) ? realpathSync(directory) : directory
  if (isDirectory(journalPath(path))) return path
  if (isDirectory(path) && basename(path) === 'journal') return dirname(path)
  throw new ClickCounterError(
    'NO_JOURNAL',
    `there is no journal in ${directory}: name the data directory of an instance, or the folder journal in it`,
  )
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function expectOurs(journal: string): void {
  const { uid } = statSync(journal)
  const ourId = process.getuid?.()
  if (ourId === undefined || uid === ourId) return
  throw new ClickCounterError(
    'ANOTHER_USER',
    `${journal} belongs to user ${uid}: run this as that user, so that its service can use the directory again`,
  )
}

function hold(dataDir: string): { release(): void } {
  try {
    return holdDirectory(dataDir)
  } catch (error) {
    if (!(error instanceof ClickCounterError) || error.code !== 'DATA_DIR_IN_USE') throw error
    throw new ClickCounterError(
      'DATA_DIR_IN_USE',
      `a clickcounter uses ${dataDir}, and stores what waits there itself: stop it first`,
      { cause: error },
    )
  }
}
