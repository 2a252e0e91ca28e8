import { existsSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FILE_HEADER_BYTES } from '../../lib/journal/files/format.ts'
import { innerDirectories, parseName } from '../../lib/journal/files/names.ts'
import { readRecords } from '../../lib/journal/files/reading.ts'
import { VALID } from '../../lib/rows/classes.ts'
import type { TickRecord } from './journal-support.ts'
import { encodeVersion1 } from './version-1.ts'

/**
 * Makes a journal look as an older program would have left it: its marks, its unfinished batches, and all files whose
 * clicks are valid. Files with other clicks stay as they are, so that a directory may hold both versions.
 */
export function ageJournal(journal: string): void {
  for (const directory of ['.', ...innerDirectories].map(inner => join(journal, inner)))
    if (existsSync(directory)) for (const name of readdirSync(directory)) ageFile(directory, name)
}

function ageFile(directory: string, name: string): void {
  const file = parseName(name)
  const path = join(directory, name)
  const oldPath = join(directory, name.replace(/2(\.new)?$/, '$1'))
  if (file === null ? name.endsWith('.new') : file.kind === 'writer') renameSync(path, oldPath)
  if (file === null || file.kind === 'writer' || file.version === 1) return
  const records: TickRecord[] = []
  const content = readFileSync(path)
  let areOfVersion1 = true
  const { isTorn } = readRecords(
    content,
    file,
    (minute, bannerId, clickClass, clicks) => {
      areOfVersion1 &&= clickClass === VALID
      records.push([minute, new Map([[bannerId, clicks]])])
    },
    () => {
      areOfVersion1 = false
    },
  )
  if (!areOfVersion1) return
  const old = encodeVersion1(file.key, records)
  writeFileSync(oldPath, isTorn ? torn(old, content.length) : old)
  unlinkSync(path)
}

/** Torn within its header, or within a record behind the others. */
function torn(old: Buffer, bytes: number): Buffer {
  return bytes < FILE_HEADER_BYTES ? old.subarray(0, bytes) : Buffer.concat([old, Buffer.from('tic')])
}
