import { constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { JournalNewerError, JournalReadError } from '../../base/errors.ts'
import { MAX_SLOT_CLICKS } from '../../memory/layout.ts'
import type { Batch } from '../../rows/batch.ts'
import { CLICK_CLASSES, type ClickClass } from '../../rows/classes.ts'
import type { KeyedBulk } from '../../rows/keyed-bulk.ts'
import type { Rows } from '../../rows/rows.ts'
import { Sums } from '../../rows/sums.ts'
import { isOfClicks, readEntries } from './entries.ts'
import { type FileKey, TICK } from './format.ts'
import { type ClickFile, clickFile } from './names.ts'
import { type ReadingResult, readRecords } from './reading.ts'
import { RecordBuffer, type RecordHead } from './record-buffer.ts'

const MAX_PAIRS_PER_RECORD = 65_536

/**
 * A batch in the journal's format: a record for each minute and class, or several of a bounded size, one for each keyed
 * bulk, and the end.
 */
export function encodeBatch(key: FileKey, batch: Batch): Buffer {
  const records = new RecordBuffer()
  records.addFileHeader(key)
  let count = 0
  const add = (head: RecordHead, pairs: Int32Array) => {
    records.addPairs(head, pairs)
    count++
  }
  const pairs = new Int32Array(2 * MAX_PAIRS_PER_RECORD)
  for (const [minute, rows] of rowsByMinute(batch))
    for (const clickClass of CLICK_CLASSES) {
      const head = { kind: TICK, clickClass, minute } as const
      let used = 0
      for (const [bannerId, clicks] of pairsOf(batch, rows, clickClass)) {
        if (used === pairs.length) {
          add(head, pairs)
          used = 0
        }
        pairs[used++] = bannerId
        pairs[used++] = clicks
      }
      if (used > 0) add(head, pairs.subarray(0, used))
    }
  for (const bulk of batch.keyed) records.addKeyed(bulk)
  records.addEnd(count + batch.keyed.length)
  return records.filled
}

/** A sum over generations can be more than a pair can hold: then the banner has several pairs. */
function* pairsOf(
  { bannerIds, clicks }: Rows,
  rows: readonly number[],
  clickClass: ClickClass,
): Generator<readonly [bannerId: number, clicks: number]> {
  for (const row of rows)
    for (let left = clicks[clickClass][row]!; left > 0; left -= MAX_SLOT_CLICKS)
      yield [bannerIds[row]!, Math.min(left, MAX_SLOT_CLICKS)]
}

/** A Map, whose hash has no seed, will do: minutes come from the clock, not from a client. */
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
  /** In the order in which they were journaled. Their clicks are not in the rows. */
  readonly keyed: readonly KeyedBulk[]
  /**
   * Names of files that hold damage, or that the disk does not give out. The rows have
   * what could be read of them.
   */
  readonly damaged: readonly string[]
}

/**
 * Sums the clicks of files of one writer that are stored under one generation. Throws a
 * JournalReadError when one cannot be read now, and may well be another time; a JournalNewerError when
 * a newer version of this program has to.
 */
export function readFiles(directory: string, names: readonly string[]): FilesReading {
  const sums = new Sums()
  const keyed: KeyedBulk[] = []
  const damaged = names.filter(name => isDamaged(directory, name, sums, keyed))
  return { rows: sums.rows(), keyed, damaged }
}

/**
 * Whether a file holds damage, or the disk does not give it out. What could be read
 * of it is added to the sums and to the bulks.
 */
function isDamaged(directory: string, name: string, sums: Sums, keyed: KeyedBulk[]): boolean {
  let reading: ReadingResult | null
  const file = clickFile(name)
  try {
    const content = readContent(join(directory, name))
    reading =
      content &&
      readRecords(
        content,
        file,
        (...clicks) => sums.add(...clicks),
        bulk => keyed.push(bulk),
      )
  } catch (error) {
    throw new JournalReadError(name, error)
  }
  if (reading === null) return true
  if (reading.newer !== null) throw new JournalNewerError(name, reading.newer)
  return reading.isDamaged
}

/** Reads what a writer's threads have journaled in one generation. Throws as above. */
export function readGeneration(directory: string, writer: string, generation: number): FilesReading {
  return readThose(directory, ({ key }) => key.writer === writer && key.lastGeneration === generation)
}

/** Reads all that waits of a writer. Throws as above. */
export function readWriter(directory: string, writer: string): FilesReading {
  return readThose(directory, ({ key }) => key.writer === writer)
}

function readThose(directory: string, isWanted: (file: ClickFile) => boolean): FilesReading {
  const files = readEntries(directory).entries.filter(isOfClicks)
  const names = files.filter(({ file }) => isWanted(file)).map(({ file }) => file.name)
  return readFiles(directory, names)
}

/** What this process or machine is short of. The file is sound, and can be read another time. */
const PASSING_ERRORS = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']
/** If a link was put in the file's place, it is not followed; if a FIFO, it is not waited for. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** null: the disk does not give the file out. What comes behind it must not wait until it does. */
function readContent(path: string): Buffer | null {
  try {
    return readFileSync(path, { flag: READ_FLAGS })
  } catch (error) {
    if (PASSING_ERRORS.includes((error as NodeJS.ErrnoException).code!)) throw error
    return null
  }
}
