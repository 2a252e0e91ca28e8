import { hashOf } from '../base/seeded-hash.ts'
import type { Period } from './activity.ts'
import type { ClickedBanner } from './banner-lookup.ts'
import type { Revision } from './revision.ts'
import {
  aligned,
  FLAG,
  FLAG_BITS,
  NUMBER,
  RECORD_UNIT_BYTES,
  RECORD_WORDS,
  SLOT_WORDS,
  TEXT,
  UUID_LENGTH,
  WORD,
} from './table-layout.ts'

const WORDS_OF_UNIT = RECORD_UNIT_BYTES / 4

/**
 * Banners in shared memory, by their ids. Nobody changes it once it is made, see table-builder.ts. It is a base, which
 * holds all banners as of one revision, or an overlay: what has changed since its base, with an entry for each banner
 * that was removed.
 *
 * A record is named by the index of its first word. To find one allocates nothing.
 */
export class BannerTable implements Revision {
  readonly buffer: SharedArrayBuffer
  /** Length of the table. The buffer may be longer. */
  readonly bytes: number
  readonly entries: number
  /** Registered banners: of this table, or of an overlay together with its base. */
  readonly registered: number
  readonly database: string
  readonly revision: number
  readonly token: string
  /** The token of an overlay's base; null: it is a base itself. */
  readonly baseToken: string | null
  readonly #words: Uint32Array
  readonly #numbers: Float64Array
  readonly #text: Buffer
  readonly #seed: number
  /** Word of the index's first slot. */
  readonly #slotsAt: number
  readonly #slotMask: number
  readonly #slotShift: number

  /** The buffer must hold a whole table: nobody checks it here. Of a file, table-file.ts has checked it. */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.bytes = new Float64Array(buffer, NUMBER.bytes * 8, 1)[0]!
    this.#words = new Uint32Array(buffer, 0, this.bytes / 4)
    this.#numbers = new Float64Array(buffer, 0, this.bytes / 8)
    this.#text = Buffer.from(buffer, 0, this.bytes)
    this.entries = this.#words[WORD.entries]!
    this.registered = this.#words[WORD.registered]!
    this.revision = this.#numbers[NUMBER.revision]!
    this.database = this.#uuid(TEXT.database)
    this.token = this.#uuid(TEXT.token)
    this.baseToken = this.#text[TEXT.base] === 0 ? null : this.#uuid(TEXT.base)
    this.#seed = this.#words[WORD.seed]! | 0
    const slots = this.#words[WORD.slots]!
    this.#slotMask = slots - 1
    this.#slotShift = Math.clz32(this.#slotMask)
    this.#slotsAt = this.bytes / 4 - slots * SLOT_WORDS
  }

  get slots(): number {
    return this.#slotMask + 1
  }

  /** The record of a banner; 0: it has none. */
  recordOf(bannerId: number): number {
    const words = this.#words
    for (let slot = hashOf(bannerId, this.#seed) >>> this.#slotShift; ; slot = (slot + 1) & this.#slotMask) {
      const at = this.#slotsAt + slot * SLOT_WORDS
      const id = words[at]
      if (id === bannerId) return words[at + 1]! * WORDS_OF_UNIT
      if (id === 0) return 0
    }
  }

  /** The record that a slot of the index leads to; 0: none. */
  recordIn(slot: number): number {
    return this.#words[this.#slotsAt + slot * SLOT_WORDS + 1]! * WORDS_OF_UNIT
  }

  idAt(record: number): number {
    return this.#words[record]!
  }

  isRegistered(bannerId: number): boolean {
    const record = this.recordOf(bannerId)
    return record !== 0 && !this.isRemoved(record)
  }

  /** Whether the record says that nobody registers the banner any more. */
  isRemoved(record: number): boolean {
    return (this.#words[record + 1]! & FLAG.removed) !== 0
  }

  /** Length of the record in bytes, with those that fill it up. */
  bytesAt(record: number): number {
    return recordBytes(this.#words[record + 1]!)
  }

  /** Copies the record to where `word` is in `words`. In a loop: to make a view of each record would take longer. */
  copyTo(words: Uint32Array, word: number, record: number): void {
    const length = this.bytesAt(record) / 4
    for (let index = 0; index < length; index++) words[word + index] = this.#words[record + index]!
  }

  /** When the banner is active. The record must not be of a removed banner. */
  periodAt(record: number): Period {
    const head = this.#words[record + 1]!
    const hasFrom = (head & FLAG.from) !== 0
    const time = (record + RECORD_WORDS) / 2
    return {
      isActive: (head & FLAG.active) !== 0,
      activeFromMs: hasFrom ? this.#numbers[time]! : null,
      activeUntilMs: head & FLAG.until ? this.#numbers[time + Number(hasFrom)]! : null,
    }
  }

  /** Decodes the record, which must not be of a removed banner. */
  bannerAt(record: number): ClickedBanner {
    const head = this.#words[record + 1]!
    const { isActive, activeFromMs, activeUntilMs } = this.periodAt(record)
    const begin = (record + RECORD_WORDS) * 4 + timesBytes(head)
    const text = this.#text.toString('utf8', begin, begin + (head >>> FLAG_BITS))
    const targetAt = head & FLAG.passQuery ? text.indexOf('\n') + 1 : 0
    return {
      id: this.#words[record]!,
      target: head & FLAG.target ? text.slice(targetAt) : null,
      passQuery: targetAt === 0 ? NO_NAMES : JSON.parse(text.slice(0, targetAt)),
      isActive,
      activeFromMs,
      activeUntilMs,
    }
  }

  #uuid(offset: number): string {
    return this.#text.toString('latin1', offset, offset + UUID_LENGTH)
  }
}

/** All that is known of banners, as of the revision of the overlay. What is in it goes before what is in its base. */
export interface BannerTables {
  readonly base: BannerTable
  readonly overlay: BannerTable
}

const NO_NAMES: readonly string[] = []

/** Length of a record by its second word, with the bytes that fill it up. */
export function recordBytes(head: number): number {
  return aligned(RECORD_WORDS * 4 + timesBytes(head) + (head >>> FLAG_BITS), RECORD_UNIT_BYTES)
}

function timesBytes(head: number): number {
  return (head & FLAG.from ? 8 : 0) + (head & FLAG.until ? 8 : 0)
}
