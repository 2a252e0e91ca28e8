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
  /** Names of files that hold damage. What could be read of them is in the snapshot. */
  readonly damaged: readonly string[]
}

/** Sums the clicks of files of one writer that are stored under one generation. */
export function readFiles(directory: string, names: readonly string[]): FilesReading {
  const sums = new Sums()
  const damaged: string[] = []
  for (const name of names) {
    const file = parseName(name)
    if (file === null || file.kind === 'writer') throw new Error(`not a file of clicks: ${name}`)
    const { isDamaged } = readRecords(
      readFileSync(join(directory, name)),
      file.key,
      (minute, bannerId, clicks) => sums.add(minute, bannerId, clicks),
    )
    if (isDamaged) damaged.push(name)
  }
  return { snapshot: sums.snapshot(), damaged }
}
