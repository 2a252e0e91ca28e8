import fs, { mkdtempSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import {
  type FileKey,
  type FormatVersion,
  RECORD_MARKS,
  type RecordKind,
  TICK,
} from '../../lib/journal/files/format.ts'
import { markName } from '../../lib/journal/files/names.ts'
import { readRecords } from '../../lib/journal/files/reading.ts'
import { RecordBuffer } from '../../lib/journal/files/record-buffer.ts'
import { CLICK_CLASSES, type ClickClass, VALID } from '../../lib/rows/classes.ts'
import type { KeyedBulk } from '../../lib/rows/keyed-bulk.ts'
import { Sums } from '../../lib/rows/sums.ts'

export const WRITER = '0195a1b2-c3d4-4e5f-8a6b-7c8d9e0f1a2b'
export const OTHER_WRITER = 'ffffffff-0000-4000-8000-00000000000f'
export const KEY: FileKey = { writer: WRITER, firstGeneration: 7, lastGeneration: 7, thread: 1 }

/** A record: its minute, clicks by banner, and their class unless they are valid. */
export type TickRecord = readonly [
  minute: number,
  clicksByBanner: ReadonlyMap<number, number>,
  clickClass?: ClickClass,
]
/** Clicks of a banner in a minute, and their class unless they are valid. */
export type Pair = [minute: number, bannerId: number, clicks: number, ...clickClass: ClickClass[]]

export const anyMinute = fc.integer({ min: 1, max: 2 ** 31 - 1 })
export const anyBannerId = fc.integer({ min: 1, max: 2 ** 31 - 1 })
export const anyClass = fc.constantFrom(...CLICK_CLASSES)
const anyClicks = fc
  .array(fc.tuple(anyBannerId, fc.integer({ min: 1, max: 2 ** 31 - 1 })), { minLength: 1, maxLength: 20 })
  .map(pairs => new Map(pairs))
export const anyRecord: fc.Arbitrary<TickRecord> = fc.tuple(anyMinute, anyClicks, anyClass)

export function encode(key: FileKey, records: readonly TickRecord[], kind: RecordKind = TICK): Buffer {
  const buffer = new RecordBuffer()
  buffer.addFileHeader(key)
  for (const [minute, clicksByBanner, clickClass = VALID] of records)
    buffer.addPairs({ kind, clickClass, minute }, Int32Array.from([...clicksByBanner].flat()))
  if (isOfBatch(key)) buffer.addEnd(records.length)
  return Buffer.from(buffer.filled)
}

/** In these tests, a batch is of several generations. */
function isOfBatch({ firstGeneration, lastGeneration }: FileKey): boolean {
  return firstGeneration < lastGeneration
}

/** A record whose checksum is right, whatever its payload says. */
export function recordOf(payloadWords: readonly number[]): Buffer {
  const payload = Buffer.from(Uint32Array.from(payloadWords).buffer)
  const header = Buffer.from(Uint32Array.of(0, payload.length, ~payload.length, crc32(payload)).buffer)
  RECORD_MARKS[2].copy(header)
  return Buffer.concat([header, payload])
}

/** Reads a file's content: its pairs, in order, and what the reader says of the whole file. */
export function read(content: Buffer, key: FileKey = KEY, version: FormatVersion = 2) {
  const pairs: Pair[] = []
  const keyed: KeyedBulk[] = []
  const { isDamaged, records, newer } = readRecords(
    content,
    { kind: isOfBatch(key) ? 'batch' : 'ticks', version, key },
    (minute, bannerId, clickClass, clicks) =>
      void pairs.push([minute, bannerId, clicks, ...(clickClass === VALID ? [] : [clickClass])]),
    bulk => keyed.push(bulk),
  )
  return { pairs, ...(keyed.length > 0 && { keyed }), isDamaged, records, ...(newer !== null && { newer }) }
}

export function pairsOf(records: readonly TickRecord[]): Pair[] {
  return records.flatMap(([minute, clicksByBanner, clickClass = VALID]) =>
    [...clicksByBanner].map(
      ([bannerId, clicks]): Pair => [minute, bannerId, clicks, ...(clickClass === VALID ? [] : [clickClass])],
    ),
  )
}

export interface TemporaryDirectory extends Disposable {
  readonly path: string
}

/** The sums that a tick would have of these records. */
export function sumsOf(records: readonly TickRecord[]): Sums {
  const sums = new Sums()
  for (const [minute, bannerId, clicks, clickClass = VALID] of pairsOf(records))
    sums.add(minute, bannerId, clickClass, clicks)
  return sums
}

/** In memory, if the machine has such a place: none of these tests is about the speed of the disk. */
export function temporaryDirectory(): TemporaryDirectory {
  const parent = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const path = mkdtempSync(join(parent, 'clickcounter-journal-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Replaces functions of node:fs for every module, until it is disposed of. */
export function replaceInFs(replacements: Partial<typeof fs>): Disposable {
  const names = Object.keys(replacements) as (keyof typeof fs)[]
  const originals = Object.fromEntries(names.map(name => [name, fs[name]]))
  Object.assign(fs, replacements)
  syncBuiltinESMExports()
  return {
    [Symbol.dispose]() {
      Object.assign(fs, originals)
      syncBuiltinESMExports()
    },
  }
}

export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: brought about by the test`), { code })
}

/** A function that fails like the operating system. */
export function failing(code: string): () => never {
  return () => {
    throw systemError(code)
  }
}

/** The mark of a writer that has met no database. */
export function writerName(writer: string): string {
  return markName({ writer, database: null, isAdopted: false })
}
