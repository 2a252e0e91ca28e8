import { crc32 } from 'node:zlib'
import { VALID } from '../../rows/classes.ts'
import type { Sums } from '../../rows/sums.ts'

/**
 * The journal's file format, version 1. All numbers are 32 bits, little-endian, unsigned unless said otherwise.
 *
 * File header, 40 bytes:
 * | offset | holds                                             |
 * |--------|---------------------------------------------------|
 * | 0      | "CCJ1"                                            |
 * | 4      | bytes of this header                              |
 * | 8      | the writer's UUID, 16 bytes                       |
 * | 24     | first generation                                  |
 * | 28     | last generation, the one the clicks are stored by |
 * | 32     | request thread; 0 in a file of several            |
 * | 36     | CRC-32 of the bytes before                        |
 *
 * Then records: of a request thread's tick one for its single clicks, more if they are of several minutes, and one for
 * each bulk; or as many as it takes for a batch:
 * | offset | holds                                                         |
 * |--------|---------------------------------------------------------------|
 * | 0      | "tick"                                                        |
 * | 4      | payload bytes n                                               |
 * | 8      | n, every bit turned over                                      |
 * | 12     | CRC-32 of the payload                                         |
 * | 16     | payload: the minute since the epoch, then pairs of banner id  |
 * |        | and clicks (1 … 2^31 − 1), a banner perhaps more than once    |
 *
 * A file is only ever appended to, so what a crash leaves is a prefix: a record that is not all there was
 * never acknowledged and is dropped without a word. Anything else that does not fit is damage. The length
 * stands there twice so that a damaged length is not taken for a record cut short, and each record starts
 * with a mark so that reading can go on behind the damage.
 */

const FILE_MARK = 0x314a4343
const RECORD_MARK = 0x6b636974
export const FILE_HEADER_BYTES = 40
export const RECORD_HEADER_BYTES = 16
export const MINUTE_BYTES = 4
export const PAIR_BYTES = 8
const MAX_PAYLOAD_BYTES = 2 ** 28

export interface FileKey {
  readonly writer: string
  readonly firstGeneration: number
  readonly lastGeneration: number
  readonly thread: number
}

export function encodeFileHeader(key: FileKey): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES)
  header.writeUInt32LE(FILE_MARK, 0)
  header.writeUInt32LE(FILE_HEADER_BYTES, 4)
  header.write(key.writer.replaceAll('-', ''), 8, 'hex')
  header.writeUInt32LE(key.firstGeneration, 24)
  header.writeUInt32LE(key.lastGeneration, 28)
  header.writeUInt32LE(key.thread, 32)
  header.writeUInt32LE(crc32(header.subarray(0, 36)), 36)
  return header
}

/** A growing buffer that records are encoded into; `bytes` of it are in use. */
export class RecordBuffer {
  #words = new Uint32Array(4096)
  #buffer = Buffer.from(this.#words.buffer)
  bytes = 0

  get filled(): Buffer {
    return this.#buffer.subarray(0, this.bytes)
  }

  clear(): void {
    this.bytes = 0
  }

  /** Appends a file header. Lengths of all parts are multiples of 4, so every record stays aligned. */
  addFileHeader(key: FileKey): void {
    this.#reserve(FILE_HEADER_BYTES)
    encodeFileHeader(key).copy(this.#buffer, this.bytes)
    this.bytes += FILE_HEADER_BYTES
  }

  /**
   * Appends a record for each run of rows of one minute: a tick has hardly ever more than one. Their clicks are what a
   * pair can hold.
   */
  addRows({ rowCount, bannerIds, minutes, clicks }: Sums): void {
    for (let row = 0; row < rowCount; ) {
      const minute = minutes[row]!
      const first = row
      while (row < rowCount && minutes[row] === minute) row++
      let word = this.#beginRecord(minute, row - first)
      for (let of = first; of < row; of++) {
        this.#words[word++] = bannerIds[of]!
        this.#words[word++] = clicks[VALID][of]!
      }
      this.#endRecord(word)
    }
  }

  /** Appends one record of pairs of banner id and clicks, alternating. */
  addPairs(minute: number, pairs: Int32Array): void {
    const word = this.#beginRecord(minute, pairs.length / 2)
    this.#words.set(pairs, word)
    this.#endRecord(word + pairs.length)
  }

  /** Makes room for a record, and returns the index of the word that its pairs start at. */
  #beginRecord(minute: number, pairCount: number): number {
    this.#reserve(RECORD_HEADER_BYTES + MINUTE_BYTES + pairCount * PAIR_BYTES)
    const word = (this.bytes + RECORD_HEADER_BYTES) / 4
    this.#words[word] = minute
    return word + MINUTE_BYTES / 4
  }

  #endRecord(endWord: number): void {
    const start = this.bytes / 4
    const payloadStart = this.bytes + RECORD_HEADER_BYTES
    this.bytes = endWord * 4
    const payloadBytes = this.bytes - payloadStart
    this.#words[start] = RECORD_MARK
    this.#words[start + 1] = payloadBytes
    this.#words[start + 2] = ~payloadBytes
    this.#words[start + 3] = crc32(this.#buffer.subarray(payloadStart, this.bytes))
  }

  #reserve(bytes: number): void {
    const needed = this.bytes + bytes
    if (needed <= this.#buffer.length) return
    const grown = new Uint32Array(2 ** Math.ceil(Math.log2(needed)) / 4)
    grown.set(this.#words)
    this.#words = grown
    this.#buffer = Buffer.from(grown.buffer)
  }
}

export interface ReadingResult {
  /** Something is wrong that a crash cannot have left. Everything that could be read was read all the same. */
  readonly isDamaged: boolean
  /** It ends within its header or a record, as a crash may leave a file that is being appended to. */
  readonly isTorn: boolean
  readonly records: number
}

/** Calls `visit` for every click count in a file's content that can be trusted. */
export function readRecords(
  content: Buffer,
  key: FileKey,
  visit: (minute: number, bannerId: number, clicks: number) => void,
): ReadingResult {
  let isDamaged = !hasHeader(content, key)
  let isTorn = content.length < FILE_HEADER_BYTES
  let records = 0
  let at = FILE_HEADER_BYTES
  while (at < content.length) {
    const length = recordLength(content, at)
    if (length === 'torn') {
      isTorn = true
      break
    }
    if (length === 'damaged') {
      isDamaged = true
      at = nextMark(content, at + 1)
      continue
    }
    visitPairs(content, at, length, visit)
    records++
    at += length
  }
  return { isDamaged, isTorn, records }
}

/** A file that ends within its header is torn like any other; its name says what it is for. */
function hasHeader(content: Buffer, key: FileKey): boolean {
  const bytes = Math.min(content.length, FILE_HEADER_BYTES)
  return encodeFileHeader(key).subarray(0, bytes).equals(content.subarray(0, bytes))
}

/** Length of the whole record that starts at `at`, or why there is none. */
function recordLength(content: Buffer, at: number): number | 'torn' | 'damaged' {
  const left = content.length - at
  if (left < RECORD_HEADER_BYTES) return isTornHeader(content, at) ? 'torn' : 'damaged'
  if (content.readUInt32LE(at) !== RECORD_MARK) return 'damaged'
  const payloadBytes = content.readUInt32LE(at + 4)
  if (content.readUInt32LE(at + 8) !== ~payloadBytes >>> 0) return 'damaged'
  const isPossible = payloadBytes <= MAX_PAYLOAD_BYTES && payloadBytes % PAIR_BYTES === MINUTE_BYTES
  if (!isPossible) return 'damaged'
  if (left < RECORD_HEADER_BYTES + payloadBytes) return 'torn'
  const payload = content.subarray(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + payloadBytes)
  const isSound = crc32(payload) === content.readUInt32LE(at + 12) && hasPossibleWords(payload)
  return isSound ? RECORD_HEADER_BYTES + payloadBytes : 'damaged'
}

/** Minutes, banners and clicks are all from 1 to 2^31 − 1; others would be nobody's, or break the sums. */
function hasPossibleWords(payload: Buffer): boolean {
  for (let at = 0; at < payload.length; at += 4) if (payload.readInt32LE(at) <= 0) return false
  return true
}

/** Whether what is there of a record's header is the start of one. */
function isTornHeader(content: Buffer, at: number): boolean {
  const mark = Buffer.alloc(4)
  mark.writeUInt32LE(RECORD_MARK)
  const bytes = Math.min(4, content.length - at)
  return mark.subarray(0, bytes).equals(content.subarray(at, at + bytes))
}

/** Where the next record may start; the end of the content when none does. */
function nextMark(content: Buffer, from: number): number {
  const mark = Buffer.alloc(4)
  mark.writeUInt32LE(RECORD_MARK)
  const found = content.indexOf(mark, from)
  return found < 0 ? content.length : found
}

function visitPairs(
  content: Buffer,
  at: number,
  length: number,
  visit: (minute: number, bannerId: number, clicks: number) => void,
): void {
  const minute = content.readUInt32LE(at + RECORD_HEADER_BYTES)
  const end = at + length
  for (let pair = at + RECORD_HEADER_BYTES + MINUTE_BYTES; pair < end; pair += PAIR_BYTES)
    visit(minute, content.readUInt32LE(pair), content.readUInt32LE(pair + 4))
}
