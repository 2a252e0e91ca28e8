import { crc32 } from 'node:zlib'
import { encodeFileHeader, type FileKey } from '../../lib/journal/files/format.ts'
import type { TickRecord } from './journal-support.ts'

/** Makes files as release 1.0.0 wrote them: test/journal/released.test.ts compares them with real ones. */

export function encodeVersion1(key: FileKey, records: readonly TickRecord[]): Buffer {
  return Buffer.concat([encodeFileHeader(key, 1), ...records.map(encodeRecord)])
}

function encodeRecord([minute, clicksByBanner]: TickRecord): Buffer {
  const payload = Buffer.from(Uint32Array.of(minute, ...[...clicksByBanner].flat()).buffer)
  const header = Buffer.from(Uint32Array.of(0, payload.length, ~payload.length, crc32(payload)).buffer)
  header.write('tick', 'latin1')
  return Buffer.concat([header, payload])
}

export function ticksNameVersion1({ writer, lastGeneration, thread }: FileKey, sequence: number): string {
  return `${writer}.${lastGeneration}.${thread}-${sequence}.ticks`
}

export function batchNameVersion1({ writer, firstGeneration, lastGeneration }: FileKey): string {
  return `${writer}.${firstGeneration}-${lastGeneration}.batch`
}

/** The patterns of names by which release 1.0.0 knows its files. At its start it removes what matches `unfinished`. */
export const PATTERNS_VERSION_1 = {
  writer: /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.writer$/,
  ticks: /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d+)\.(\d+)-\d+\.ticks$/,
  batch: /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d+)-(\d+)\.batch$/,
  unfinished: /\.batch\.new$/,
}
