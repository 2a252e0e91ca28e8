import { crc32 } from 'node:zlib'
import { CLICK_CLASSES, type ClickClass } from '../../rows/classes.ts'
import type { KeyedBulk } from '../../rows/keyed-bulk.ts'
import type { Sums } from '../../rows/sums.ts'
import {
  CLASS_SHIFT,
  END,
  encodeFileHeader,
  FILE_HEADER_BYTES,
  FINGERPRINT_BYTES,
  type FileKey,
  KEYED_BULK,
  KIND_BYTES,
  MINUTE_BYTES,
  PAIR_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_MARKS,
  type RecordKind,
  TICK,
} from './format.ts'

const RECORD_MARK = RECORD_MARKS[2].readUInt32LE()
/** Before the pairs. */
const HEAD_BYTES = RECORD_HEADER_BYTES + KIND_BYTES + MINUTE_BYTES

/** What a record of clicks begins with. */
export interface RecordHead {
  readonly kind: RecordKind
  readonly clickClass: ClickClass
  readonly minute: number
}

/** A growing buffer that records of the format's version 2 are encoded into. `bytes` of it are in use. */
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
   * Appends the single clicks of a tick: a record for each run of rows of one minute, and for each
   * class that the run has clicks of. That is hardly ever more than one. The clicks of a row and
   * class are what a pair can hold.
   */
  addSingles(singles: Sums): void {
    const { rowCount, minutes, totals } = singles
    for (let first = 0, end = 0; first < rowCount; first = end) {
      while (end < rowCount && minutes[end] === minutes[first]) end++
      for (const clickClass of CLICK_CLASSES)
        if (totals[clickClass]! > 0) this.#addClass(singles, clickClass, first, end)
    }
  }

  #addClass({ bannerIds, minutes, clicks }: Sums, clickClass: ClickClass, first: number, end: number): void {
    const counts = clicks[clickClass]
    const start = this.#beginClicks({ kind: TICK, clickClass, minute: minutes[first]! }, end - first)
    let word = start
    for (let row = first; row < end; row++) {
      const count = counts[row]!
      if (count === 0) continue
      this.#words[word++] = bannerIds[row]!
      this.#words[word++] = count
    }
    if (word > start) this.#endRecord(word)
  }

  /** Appends one record of pairs of banner id and clicks, alternating. */
  addPairs(head: RecordHead, pairs: Int32Array): void {
    const word = this.#beginClicks(head, pairs.length / 2)
    this.#words.set(pairs, word)
    this.#endRecord(word + pairs.length)
  }

  /** Appends a bulk with its key: one record, so that its clicks are never found without it. */
  addKeyed({ key, fingerprint, minute, parts }: KeyedBulk): void {
    const keyWords = Math.ceil(key.length / 4)
    const words = parts.reduce(
      (sum, { pairs }) => sum + 2 + pairs.length,
      FINGERPRINT_BYTES / 4 + 1 + keyWords,
    )
    this.#reserve(HEAD_BYTES + words * 4)
    let word = this.#beginRecord(KEYED_BULK, minute, 0)
    this.#buffer.write(fingerprint, word * 4, 'hex')
    word += FINGERPRINT_BYTES / 4
    this.#words[word++] = key.length
    // Before the key: it need not fill its last word, where an earlier tick has left something.
    this.#words[word + keyWords - 1] = 0
    this.#buffer.write(key, word * 4, 'latin1')
    word += keyWords
    for (const { clickClass, pairs } of parts) {
      this.#words[word++] = clickClass
      this.#words[word++] = pairs.length / 2
      this.#words.set(pairs, word)
      word += pairs.length
    }
    this.#endRecord(word)
  }

  /** Appends the end of a batch of so many records. */
  addEnd(records: number): void {
    this.#endRecord(this.#beginRecord(END, records, 0))
  }

  #beginClicks({ kind, clickClass, minute }: RecordHead, pairCount: number): number {
    return this.#beginRecord(kind | (clickClass << CLASS_SHIFT), minute, pairCount)
  }

  /**
   * Makes room for a record, which is not there before `#endRecord`. Returns the index of
   * the word for its first pair.
   */
  #beginRecord(kindAndClass: number, minuteOrRecords: number, pairCount: number): number {
    this.#reserve(HEAD_BYTES + pairCount * PAIR_BYTES)
    const word = (this.bytes + RECORD_HEADER_BYTES) / 4
    this.#words[word] = kindAndClass
    this.#words[word + 1] = minuteOrRecords
    return word + 2
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
