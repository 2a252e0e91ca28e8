import { constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { JournalNewerError, JournalReadError } from '../../base/errors.ts'
import { MAX_SLOT_CLICKS } from '../../memory/layout.ts'
import { CLICK_CLASSES, type ClickClass } from '../../rows/classes.ts'
import type { Rows } from '../../rows/rows.ts'
import { Sums } from '../../rows/sums.ts'
import { isOfClicks, readEntries } from './entries.ts'
import { type FileKey, TICK } from './format.ts'
import { clickFile } from './names.ts'
import { type ReadingResult, readRecords } from './reading.ts'
import { RecordBuffer } from './record-buffer.ts'

const MAX_PAIRS_PER_RECORD = 65_536

/** A batch in the journal's format: a record for each minute and class, or several of a bounded size. */
export function encodeBatch(key: FileKey, batch: Rows): Buffer {
  const records = new RecordBuffer()
  records.addFileHeader(key)
  for (const [minute, rows] of rowsByMinute(batch))
    for (const clickClass of CLICK_CLASSES) addColumn(records, batch, minute, rows, clickClass)
  return records.filled
}

const pairs = new Int32Array(2 * MAX_PAIRS_PER_RECORD)

function addColumn(
  records: RecordBuffer,
  { bannerIds, clicks }: Rows,
  minute: number,
  rows: readonly number[],
  clickClass: ClickClass,
): void {
  const head = { kind: TICK, clickClass, minute } as const
  let used = 0
  for (const row of rows) {
    // A sum over generations can pass what a pair can hold: the banner then has several.
    for (let left = clicks[clickClass][row]!; left > 0; left -= MAX_SLOT_CLICKS) {
      if (used === pairs.length) {
        records.addPairs(head, pairs)
        used = 0
      }
      pairs[used++] = bannerIds[row]!
      pairs[used++] = Math.min(left, MAX_SLOT_CLICKS)
    }
  }
  if (used > 0) records.addPairs(head, pairs.subarray(0, used))
}

/** Minutes are the clock's, not a client's: a Map will do. */
function rowsByMinute({ minutes }: Rows): Map<number, number[]> {
  const rows = new Map<number, number[]>()
  minutes.forEach((minute, row) => {
    const of = rows.get(minute)
    if (of === undefined) rows.set(minute, [row])
    else of.push(row)
  })
  return rows
}

export interface FilesReading {
  readonly rows: Rows
  /** Names of files that hold damage or cannot be read. What could be read of them is in the rows. */
  readonly damaged: readonly string[]
}

/**
 * Sums the clicks of files of one writer that are stored under one generation. Throws a JournalReadError when one
 * cannot be read now, and may well be another time; a JournalNewerError when a newer version of this program has to.
 */
export function readFiles(directory: string, names: readonly string[]): FilesReading {
  const sums = new Sums()
  const damaged = names.filter(name => isDamaged(directory, name, sums))
  return { rows: sums.rows(), damaged }
}

/** Whether a file holds damage or cannot be read. What could be read of it is added to the sums. */
function isDamaged(directory: string, name: string, sums: Sums): boolean {
  let reading: ReadingResult | null
  const file = clickFile(name)
  try {
    const content = readContent(join(directory, name))
    reading = content && readRecords(content, file, (...clicks) => sums.add(...clicks))
  } catch (error) {
    throw new JournalReadError(name, error)
  }
  if (reading === null) return true
  if (reading.newer !== null) throw new JournalNewerError(name, reading.newer)
  // A batch's file gets its name when all of it is on disk: it cannot be torn.
  return reading.isDamaged || (file.kind === 'batch' && reading.isTorn)
}

/** Sums what a writer's threads have journaled in one generation; null: not all of it can be read. */
export function readGeneration(directory: string, writer: string, generation: number): Rows | null {
  try {
    const names = readEntries(directory)
      .entries.filter(isOfClicks)
      .filter(({ file: { key } }) => key.writer === writer && key.lastGeneration === generation)
      .map(({ file }) => file.name)
    const { rows, damaged } = readFiles(directory, names)
    return damaged.length === 0 ? rows : null
  } catch {
    return null
  }
}

/** Sums all that waits of a writer. */
export function readWriter(directory: string, writer: string): Rows {
  const files = readEntries(directory).entries.filter(isOfClicks)
  const names = files.filter(({ file }) => file.key.writer === writer).map(({ file }) => file.name)
  return readFiles(directory, names).rows
}

/** The file itself has nothing to do with it. */
const PASSING_ERRORS = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']
/** Whatever has been put in the file's place: no link is followed, and no FIFO waited for. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** null: the disk does not give the file out, and everything behind it must not wait for that to change. */
function readContent(path: string): Buffer | null {
  try {
    return readFileSync(path, { flag: READ_FLAGS })
  } catch (error) {
    if (PASSING_ERRORS.includes((error as NodeJS.ErrnoException).code!)) throw error
    return null
  }
}
