import { ClickCounterError } from '../base/errors.ts'
import { Pace } from '../base/pace.ts'
import { hashOf, newSeed } from '../base/seeded-hash.ts'
import type { ClickedBanner } from './banner-lookup.ts'
import { BannerTable, recordBytes } from './banner-table.ts'
import type { Revision } from './revision.ts'
import {
  aligned,
  FLAG,
  FLAG_BITS,
  FORMAT,
  HEADER_BYTES,
  LINE_BYTES,
  MAGIC,
  MAX_TABLE_BYTES,
  MAX_TEXT_BYTES,
  NUMBER,
  RECORD_UNIT_BYTES,
  SLOT_WORDS,
  slotsFor,
  TEXT,
  UUID_LENGTH,
  WORD,
} from './table-layout.ts'

/** A buffer grows in such steps, by an eighth of its size at least. */
const GROWTH_BYTES = 64 * 1024
/** So much of an index is cleared in one step of a Pace. */
const CLEARED_WORDS = 1024

/** Memory for one table. It takes address space at once, and memory as the table grows. */
export function newTableMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES, { maxByteLength: MAX_TABLE_BYTES })
}

/**
 * Writes a table. Of several records of one banner the last one counts. Nobody else may read the buffer until the
 * table is built.
 */
export class TableBuilder {
  readonly #buffer: SharedArrayBuffer
  readonly #seed = newSeed()
  #words!: Uint32Array
  #numbers!: Float64Array
  #text!: Buffer
  /** Where the next record begins, from the beginning of the table. */
  #end = HEADER_BYTES
  #records = 0

  constructor(buffer = newTableMemory()) {
    this.#buffer = buffer
    this.#view()
  }

  /** Records so far, among them those that do not count any more. */
  get records(): number {
    return this.#records
  }

  /** The banner is registered. */
  put({ id, target, passQuery, isActive, activeFromMs, activeUntilMs }: ClickedBanner): void {
    const names = passQuery.length === 0 ? '' : `${JSON.stringify(passQuery)}\n`
    const text = names + (target ?? '')
    const flags =
      (isActive ? FLAG.active : 0) |
      (target === null ? 0 : FLAG.target) |
      (names === '' ? 0 : FLAG.passQuery) |
      (activeFromMs === null ? 0 : FLAG.from) |
      (activeUntilMs === null ? 0 : FLAG.until)
    const begin = this.#begin(id, flags, Buffer.byteLength(text))
    let number = begin / 8 + 1
    if (activeFromMs !== null) this.#numbers[number++] = activeFromMs
    if (activeUntilMs !== null) this.#numbers[number++] = activeUntilMs
    this.#text.write(text, number * 8)
  }

  /** Nobody registers the banner any more. */
  remove(bannerId: number): void {
    this.#begin(bannerId, FLAG.removed, 0)
  }

  /** A record as another table has it. */
  copy(from: BannerTable, record: number): void {
    const bytes = from.bytesAt(record)
    this.#grow(this.#end + bytes)
    from.copyTo(this.#words, this.#end / 4, record)
    this.#advance(bytes)
  }

  /** The table. `base`: what it is an overlay of; null: it is a base itself. Nothing is written after this. */
  async build(revision: Revision, base: BannerTable | null): Promise<BannerTable> {
    const pace = new Pace()
    const slots = slotsFor(this.#records)
    const index = aligned(this.#end, LINE_BYTES)
    const bytes = index + slots * SLOT_WORDS * 4
    this.#grow(bytes)
    // The buffer may have been another table's.
    for (let word = index / 4; word < bytes / 4; word += CLEARED_WORDS) {
      this.#words.fill(0, word, Math.min(word + CLEARED_WORDS, bytes / 4))
      if (pace.isDue) await pace.rest()
    }
    let entries = 0
    let registered = base?.registered ?? 0
    for (let at = HEADER_BYTES; at < this.#end; at += recordBytes(this.#words[at / 4 + 1]!)) {
      const id = this.#words[at / 4]!
      const slot = this.#slotOf(id, index / 4, slots)
      const isNew = this.#words[slot] === 0
      const wasRegistered = isNew ? base?.isRegistered(id) === true : !this.#isRemovedAt(this.#placeIn(slot))
      registered += Number(!this.#isRemovedAt(at)) - Number(wasRegistered)
      if (isNew) entries++
      this.#words[slot] = id
      this.#words[slot + 1] = at / RECORD_UNIT_BYTES
      if (pace.isDue) await pace.rest()
    }
    this.#writeHeader({ entries, registered, slots, bytes }, revision, base)
    return new BannerTable(this.#buffer)
  }

  #writeHeader(
    { entries, registered, slots, bytes }: Record<'entries' | 'registered' | 'slots' | 'bytes', number>,
    { database, revision, token }: Revision,
    base: BannerTable | null,
  ): void {
    this.#words.set([MAGIC, FORMAT, this.#seed, entries, registered, slots], WORD.magic)
    this.#numbers.set([bytes, revision], NUMBER.bytes)
    this.#text.write(database, TEXT.database, UUID_LENGTH, 'latin1')
    this.#text.write(token, TEXT.token, UUID_LENGTH, 'latin1')
    if (base === null) this.#text.fill(0, TEXT.base, TEXT.base + UUID_LENGTH)
    else this.#text.write(base.token, TEXT.base, UUID_LENGTH, 'latin1')
  }

  /** Begins a record, and returns where it begins. */
  #begin(id: number, flags: number, textBytes: number): number {
    if (textBytes > MAX_TEXT_BYTES)
      throw new ClickCounterError(
        'BANNER_TOO_LONG',
        `the target and passQuery of banner ${id} take ${textBytes} bytes, and ${MAX_TEXT_BYTES} are allowed`,
      )
    const head = flags | (textBytes << FLAG_BITS)
    const bytes = recordBytes(head)
    this.#grow(this.#end + bytes)
    const begin = this.#end
    this.#words[begin / 4] = id
    this.#words[begin / 4 + 1] = head
    this.#advance(bytes)
    return begin
  }

  #advance(bytes: number): void {
    this.#end += bytes
    this.#records++
  }

  #isRemovedAt(at: number): boolean {
    return (this.#words[at / 4 + 1]! & FLAG.removed) !== 0
  }

  #placeIn(slot: number): number {
    return this.#words[slot + 1]! * RECORD_UNIT_BYTES
  }

  /** The word of the slot that has the id, or is free for it. */
  #slotOf(id: number, index: number, slots: number): number {
    const mask = slots - 1
    let slot = hashOf(id, this.#seed) >>> Math.clz32(mask)
    for (;;) {
      const word = index + slot * SLOT_WORDS
      const found = this.#words[word]
      if (found === 0 || found === id) return word
      slot = (slot + 1) & mask
    }
  }

  /** Makes the buffer at least so long. */
  #grow(bytes: number): void {
    if (bytes <= this.#buffer.byteLength) return
    if (bytes > MAX_TABLE_BYTES)
      throw new ClickCounterError(
        'BANNERS_TOO_LARGE',
        `the registered banners take more than the ${MAX_TABLE_BYTES / 2 ** 30} GiB that they may: ` +
          'delete some, or shorten their targets',
      )
    this.#buffer.grow(Math.min(MAX_TABLE_BYTES, aligned(bytes + bytes / 8, GROWTH_BYTES)))
    this.#view()
  }

  /** Views of a fixed length: reading through them costs as much as from a buffer that cannot grow. */
  #view(): void {
    const { byteLength } = this.#buffer
    this.#words = new Uint32Array(this.#buffer, 0, byteLength / 4)
    this.#numbers = new Float64Array(this.#buffer, 0, byteLength / 8)
    this.#text = Buffer.from(this.#buffer, 0, byteLength)
  }
}
