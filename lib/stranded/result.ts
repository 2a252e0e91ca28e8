import { counted } from '../base/counted.ts'
import type { JournalContent } from '../journal/files/left.ts'
import type { StrandedPlace } from './place.ts'

/** Exit codes, from good to bad. */
const EXIT = {
  /** Nothing is left that waits. */
  allStored: 0,
  /** It could not be done, or not to its end: the same command goes on another time. */
  unfinished: 1,
  /** What is left needs somebody's decision. */
  undecided: 2,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Paths that a list has room for. */
const MAX_PATHS = 20

interface Ended {
  readonly place: Pick<StrandedPlace, 'dataDir' | 'journal'>
  readonly isAllStored: boolean
  /** What the journal holds at the end. */
  readonly content: JournalContent
  readonly keepMs: number
}

/** What the command says at its end, and its exit code. */
export function resultOf(ended: Ended): { exitCode: ExitCode; lines: string[] } {
  const { place, isAllStored, content } = ended
  if (!isAllStored)
    return {
      exitCode: EXIT.unfinished,
      lines: [
        `Not all of it is stored: ${counted(content.waiting.length, 'file')} of clicks may still wait in ${place.journal}. Nothing is counted twice: run this again.`,
      ],
    }
  const undecided = leftLines(content)
  if (undecided.length === 0)
    return {
      exitCode: EXIT.allStored,
      lines: [`Everything that waited in ${place.dataDir} is stored.`, ...keptLines(ended)],
    }
  return {
    exitCode: EXIT.undecided,
    lines: [
      `What may be stored in this database is stored. Left in ${place.journal}, for the reasons above:`,
      ...undecided,
      `With CLICKCOUNTER_DATA_DIR=${place.dataDir}: npm run journal -- list shows it, and npm run journal -- adopt gives it to the next database.`,
      ...keptLines(ended),
    ],
  }
}

function leftLines({ waiting, aside, asideBulks, damaged, odd }: JournalContent): string[] {
  const lines = [
    ...waiting.map(path => `  ${path}`),
    ...aside.map(path => `  ${path}: its place in the ledger was taken, by a clone`),
    ...asideBulks.map(path => `  ${path}: bulks whose keys are in question`),
    ...damaged.map(path => `  ${path}: damaged; what could be read of it is stored`),
    ...odd.map(path => `  ${path}: not the journal's`),
  ]
  const more = lines.length - MAX_PATHS
  return more > 0 ? [...lines.slice(0, MAX_PATHS), `  and ${more} more`] : lines
}

function keptLines({ place, content, keepMs }: Ended): string[] {
  if (content.kept.length === 0) return []
  return [
    `${counted(content.kept.length, 'file')} of stored clicks ${content.kept.length === 1 ? 'stays' : 'stay'} in ${place.journal}/stored, in case the database goes back in time. Run this again ${keepMs / 1000} s later, and they are compared with it and removed.`,
  ]
}
