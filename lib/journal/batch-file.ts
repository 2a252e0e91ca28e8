import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MAX_SLOT_CLICKS } from '../ring/layout.ts'
import type { Snapshot } from '../ring/ring.ts'
import { type FileKey, RecordBuffer, readRecords } from './format.ts'
import { parseName } from './names.ts'
import { Sums } from './sums.ts'

const MAX_PAIRS_PER_RECORD = 65_536

/** A batch in the journal's format: a record for each minute, or several of a bounded size. */
export function encodeBatch(key: FileKey, batch: Snapshot): Buffer {
  const records = new RecordBuffer()
  records.addFileHeader(key)
  for (const [minute, rows] of rowsByMinute(batch)) {
    let pairs = new Map<number, number>()
    for (const row of rows) {
      // A sum over generations can pass what a pair can hold: the rest goes into further records.
      for (let left = batch.clicks[row]!; left > 0; left -= MAX_SLOT_CLICKS) {
        if (pairs.has(batch.bannerIds[row]!) || pairs.size === MAX_PAIRS_PER_RECORD) {
          records.addRecord(minute, pairs)
          pairs = new Map()
        }
        pairs.set(batch.bannerIds[row]!, Math.min(left, MAX_SLOT_CLICKS))
      }
    }
    records.addRecord(minute, pairs)
  }
  return records.filled
}

function rowsByMinute({ minutes }: Snapshot): Map<number, number[]> {
  const rows = new Map<number, number[]>()
  minutes.forEach((minute, row) => {
    const of = rows.get(minute)
    if (of === undefined) rows.set(minute, [row])
    else of.push(row)
  })
  return rows
}

export interface FilesReading {
  readonly snapshot: Snapshot
  /** Names of files that hold damage or cannot be read. What could be read of them is in the snapshot. */
  readonly damaged: readonly string[]
}

/** Sums the clicks of files of one writer that are stored under one generation. */
export function readFiles(directory: string, names: readonly string[]): FilesReading {
  const sums = new Sums()
  const add = (minute: number, bannerId: number, clicks: number) => sums.add(minute, bannerId, clicks)
  const damaged: string[] = []
  for (const name of names) {
    const file = parseName(name)
    if (file === null || file.kind === 'writer') throw new Error(`not a file of clicks: ${name}`)
    const content = readContent(join(directory, name))
    const isWhole = content !== null && !readRecords(content, file.key, add).isDamaged
    if (!isWhole) damaged.push(name)
  }
  return { snapshot: sums.snapshot(), damaged }
}

/** What another moment may well give: the file itself has nothing to do with it. */
const PASSING_ERRORS = ['EMFILE', 'ENFILE', 'ENOMEM']

/** null: the disk does not give the file out, and everything behind it must not wait for that to change. */
function readContent(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if (PASSING_ERRORS.includes((error as NodeJS.ErrnoException).code!)) throw error
    return null
  }
}
