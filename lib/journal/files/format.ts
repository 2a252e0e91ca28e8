import { crc32 } from 'node:zlib'

/**
 * The journal's file format. All numbers are 32 bits, little-endian, unsigned unless said otherwise. Files
 * are written in version 2. Version 1, which release 1.0.0 wrote, is only read.
 *
 * File header, 40 bytes. In every version it begins with the mark and its own length, and ends with the CRC:
 * | offset | holds                                              |
 * |--------|----------------------------------------------------|
 * | 0      | "CCJ" and the version as a digit                   |
 * | 4      | bytes of this header                               |
 * | 8      | the writer's UUID, 16 bytes                        |
 * | 24     | first generation                                   |
 * | 28     | last generation, the one the clicks are stored by  |
 * | 32     | request thread; 0 in a file of several             |
 * | 36     | CRC-32 of the bytes before                         |
 *
 * Then records. A tick has one for its single clicks, more if they are of several minutes or classes, and one
 * for each bulk, or one for each class that the bulk has clicks of. A batch has as many as it takes:
 * | offset | holds                                              |
 * |--------|----------------------------------------------------|
 * | 0      | "CCR2"; in version 1 "tick"                        |
 * | 4      | payload bytes n, a multiple of 4                   |
 * | 8      | n, every bit turned over                           |
 * | 12     | CRC-32 of the payload                              |
 * | 16     | payload                                            |
 *
 * Payload. Version 1 has neither kind nor class: it begins with the minute, and its clicks are valid:
 * | offset | holds                                              |
 * |--------|----------------------------------------------------|
 * | 0      | kind, in the lower 16 bits; above, the class: its  |
 * |        | place in CLASSES of lib/rows/classes.ts            |
 * | 4      | the minute since the epoch                         |
 * | 8      | pairs of banner id and clicks (1 … 2^31 − 1), a    |
 * |        | banner perhaps more than once                      |
 *
 * Kinds:
 * | kind | record                                               |
 * |------|------------------------------------------------------|
 * | 1    | single clicks of a tick; in a batch, sums            |
 * | 2    | a bulk                                               |
 * | 3    | a bulk with its key, whole: see below                |
 * | 4    | the end of a batch: how many records are before it,  |
 * |      | in place of the minute, and no pairs                 |
 * | 5    | a part of a bulk: the clicks of one of its classes.  |
 * |      | The next record is another part, or a bulk: the last |
 *
 * Payload of a bulk with its key. The upper 16 bits of its kind are 0:
 * | offset | holds                                              |
 * |--------|----------------------------------------------------|
 * | 4      | the minute since the epoch                         |
 * | 8      | the fingerprint, 16 bytes                          |
 * | 24     | characters of the key                              |
 * | 28     | the key, one byte a character, and zeros up to a   |
 * |        | multiple of 4                                      |
 * | then   | for each class that it has clicks of, ascending:   |
 * |        | the class, the number of its pairs, the pairs      |
 *
 * Ticks are only ever appended to. So a crash leaves a prefix of them: a record that is not all there was never
 * acknowledged, and is dropped without a word. So are parts of a bulk behind which no record comes. A batch has its
 * name once it is whole. So one without its end, or with another number of records, is damaged. A sound file of a newer
 * version, and a sound record of an unknown kind or class, were written by a newer program. Anything else that does not
 * fit is damage. The length stands there twice, so that a damaged length is not taken for a record cut short. Each
 * record starts with a mark, so that reading can go on behind the damage.
 */

/** The versions that this program reads. */
export type FormatVersion = 1 | 2
export const RECORD_MARKS: Readonly<Record<FormatVersion, Buffer>> = {
  1: Buffer.from('tick'),
  2: Buffer.from('CCR2'),
}
export const FILE_HEADER_BYTES = 40
export const RECORD_HEADER_BYTES = 16
/** Kind and class, in version 2. */
export const KIND_BYTES = 4
export const MINUTE_BYTES = 4
export const PAIR_BYTES = 8
export const CLASS_SHIFT = 16
export const FINGERPRINT_BYTES = 16
export const TICK = 1
export const BULK = 2
export const KEYED_BULK = 3
export const END = 4
export const BULK_PART = 5
/** The kinds of records of one class, with minute and pairs. */
export type RecordKind = typeof TICK | typeof BULK | typeof BULK_PART

const FILE_MARK = 'CCJ'
const MAX_HEADER_BYTES = 4096

export interface FileKey {
  readonly writer: string
  readonly firstGeneration: number
  readonly lastGeneration: number
  readonly thread: number
}

export function encodeFileHeader(key: FileKey, version: FormatVersion = 2): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES)
  header.write(`${FILE_MARK}${version}`, 0, 'latin1')
  header.writeUInt32LE(FILE_HEADER_BYTES, 4)
  header.write(key.writer.replaceAll('-', ''), 8, 'hex')
  header.writeUInt32LE(key.firstGeneration, 24)
  header.writeUInt32LE(key.lastGeneration, 28)
  header.writeUInt32LE(key.thread, 32)
  header.writeUInt32LE(crc32(header.subarray(0, 36)), 36)
  return header
}

/** What the file says its version is, if its header is sound, whatever version that is; null: it is not. */
export function soundVersion(content: Buffer): string | null {
  const mark = content.toString('latin1', 0, 4)
  if (content.length < 12 || !mark.startsWith(FILE_MARK)) return null
  const bytes = content.readUInt32LE(4)
  if (bytes < 12 || bytes > Math.min(content.length, MAX_HEADER_BYTES)) return null
  return crc32(content.subarray(0, bytes - 4)) === content.readUInt32LE(bytes - 4) ? mark.slice(-1) : null
}
