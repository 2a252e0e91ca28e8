import { NO_BANNERS } from '../banners/banner-lookup.ts'
import { MAX_SLOT_CLICKS, MINUTES_PER_HALF, PART, SLOT, SLOT_WORDS } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { CLICK_CLASSES, type ClickClass } from '../rows/classes.ts'
import { newRows, type Rows } from '../rows/rows.ts'
import { type Registered, Slots } from './slots.ts'

/**
 * Nothing was changed: the half has no minute or no slot left for this banner, or the slot would pass 2^31 − 1
 * clicks of the class.
 */
export const FULL = 0
export const ADDED = 1
/** Added, and the half should be flipped soon. */
export const ADDED_NEARLY_FULL = 2
export type AddResult = typeof FULL | typeof ADDED | typeof ADDED_NEARLY_FULL

/**
 * Counters by banner, minute and class in the two halves of the shared memory. All threads add to one half.
 * The flush worker reads the other one and empties it, while no thread is inside: see generations.ts.
 */
export class Ring {
  /** Distinct banners that a half holds of one minute. */
  readonly maxBanners: number
  readonly #memory: SharedMemory
  readonly #i32: Int32Array
  readonly #slots: Slots
  readonly #nearlyFullSlots: number

  /** `registered` is for those who add. Who only reads and empties needs to know of no banner. */
  constructor(memory: SharedMemory, registered: Registered = NO_BANNERS) {
    this.maxBanners = memory.maxBanners
    this.#memory = memory
    this.#i32 = memory.i32
    this.#slots = new Slots(memory, registered)
    this.#nearlyFullSlots = Math.ceil(memory.maxBanners * 0.75)
  }

  /** Unknown banners that a half holds of one minute, as things are. */
  get roomForUnknown(): number {
    return this.#slots.roomForUnknown
  }

  isUnknown(bannerId: number): boolean {
    return this.#slots.isUnknown(bannerId)
  }

  /** How many of the banners of pairs (banner id and clicks, alternating) are unknown. */
  countUnknown(pairs: Int32Array): number {
    return this.#slots.countUnknown(pairs)
  }

  /**
   * Adds `clicks` (≥ 1) to the slot of the banner and minute (≥ 1). The calling thread must be in a
   * generation of this half. The adds of all threads to one word at one moment must not pass 2^31 together: a
   * word that two adds have wrapped all the way round would look sound to a third.
   */
  add(half: number, minute: number, bannerId: number, clickClass: ClickClass, clicks: number): AddResult {
    const part = this.#slots.claimPart(half, minute)
    if (part < 0) return FULL
    const slot = this.#slots.claimSlot(part, bannerId)
    if (slot < 0) return FULL
    const word = wordOf(slot, clickClass)
    const before = Atomics.add(this.#i32, word, clicks)
    if (hasPassedMaximum(before, clicks)) {
      Atomics.sub(this.#i32, word, clicks)
      return FULL
    }
    return this.#isNearlyFull(part, before) ? ADDED_NEARLY_FULL : ADDED
  }

  /**
   * Adds all pairs (banner id and clicks, alternating), or none when one of them finds no room. What it has
   * to take back then is never read, because nobody reads the half while a thread is in it. Slots that it has
   * claimed stay claimed until the half is cleared.
   */
  addAll(half: number, minute: number, clickClass: ClickClass, pairs: Int32Array): AddResult {
    const part = this.#slots.claimPart(half, minute)
    const claimed = part < 0 ? null : this.#slots.claimSlots(part, pairs)
    if (claimed === null) return FULL
    let most = 0
    for (let pair = 0; pair < pairs.length; pair += 2) {
      const before = Atomics.add(this.#i32, wordOf(claimed[pair / 2]!, clickClass), pairs[pair + 1]!)
      if (hasPassedMaximum(before, pairs[pair + 1]!)) {
        this.#takeBackPairs(part, clickClass, pairs, pair + 2)
        return FULL
      }
      most = Math.max(most, before)
    }
    return this.#isNearlyFull(part, most) ? ADDED_NEARLY_FULL : ADDED
  }

  #isNearlyFull(part: number, clicks: number): boolean {
    return clicks > MAX_SLOT_CLICKS / 2 || Atomics.load(this.#i32, part + PART.used) >= this.#nearlyFullSlots
  }

  /** Takes back clicks that `add` has just added. The calling thread must still be in that generation. */
  takeBack(half: number, minute: number, bannerId: number, clickClass: ClickClass, clicks: number): void {
    const slot = this.#slots.claimSlot(this.#slots.claimPart(half, minute), bannerId)
    Atomics.sub(this.#i32, wordOf(slot, clickClass), clicks)
  }

  /** Takes back what `addAll` has just added. The calling thread must still be in that generation. */
  takeBackAll(half: number, minute: number, clickClass: ClickClass, pairs: Int32Array): void {
    this.#takeBackPairs(this.#slots.claimPart(half, minute), clickClass, pairs, pairs.length)
  }

  /** The pairs before `end`, an index into them. */
  #takeBackPairs(part: number, clickClass: ClickClass, pairs: Int32Array, end: number): void {
    for (let pair = 0; pair < end; pair += 2) {
      const slot = this.#slots.claimSlot(part, pairs[pair]!)
      Atomics.sub(this.#i32, wordOf(slot, clickClass), pairs[pair + 1]!)
    }
  }

  /** Slots used in the fullest minute of a half. */
  slotsUsed(half: number): number {
    return this.#most(half, PART.used)
  }

  /** Slots used by unknown banners, in the minute of a half that has most of them. */
  slotsUsedByUnknown(half: number): number {
    return this.#most(half, PART.usedByUnknown)
  }

  #most(half: number, field: number): number {
    let most = 0
    for (let part = 0; part < MINUTES_PER_HALF; part++)
      most = Math.max(most, Atomics.load(this.#i32, this.#memory.partIndex(half, part) + field))
    return most
  }

  /**
   * What a half holds. The half stays as it is, so that it can be read again if the reader dies. The caller
   * must have waited until the half is quiet. From then on nobody else touches it, and plain reads see
   * everything that was written before the last thread left. An earlier reading would miss clicks that a
   * thread is still adding, and they would be in nobody's rows.
   */
  rows(half: number): Rows {
    const parts = this.#usedParts(half)
    const keys = this.#sortedKeys(parts)
    const rows = newRows(keys.length)
    keys.forEach((key, row) => {
      const bannerId = Math.floor(key / MINUTES_PER_HALF)
      const part = parts[key % MINUTES_PER_HALF]!
      const slot = this.#slots.claimSlot(part, bannerId)
      rows.bannerIds[row] = bannerId
      rows.minutes[row] = this.#i32[part + PART.minute]!
      for (const clickClass of CLICK_CLASSES)
        rows.clicks[clickClass][row] = this.#i32[wordOf(slot, clickClass)]!
    })
    return rows
  }

  /** Empties a half. It must be quiet, and its batch in main's hands: it cannot be read again. */
  clear(half: number): void {
    for (const part of this.#usedParts(half)) {
      const slots = this.#memory.slotsIndex(part)
      this.#i32.fill(0, slots, slots + this.#memory.slotCount * SLOT_WORDS)
      this.#i32[part + PART.used] = 0
      this.#i32[part + PART.usedByUnknown] = 0
      // The minute comes last. If it were zero before the slots are, a clear that a death cuts short would
      // leave slots in a part that the next clear takes for unused, and they would be counted in another
      // minute.
      this.#i32[part + PART.minute] = 0
    }
  }

  /** Headers of the parts in use, ascending by minute. */
  #usedParts(half: number): number[] {
    const parts: number[] = []
    for (let part = 0; part < MINUTES_PER_HALF; part++) {
      const header = this.#memory.partIndex(half, part)
      if (this.#i32[header + PART.minute] !== 0) parts.push(header)
    }
    return parts.sort((a, b) => this.#i32[a + PART.minute]! - this.#i32[b + PART.minute]!)
  }

  /** banner × MINUTES_PER_HALF + rank of its part, ascending; at most 2^33, far below 2^53. */
  #sortedKeys(parts: readonly number[]): Float64Array {
    const keys = new Float64Array(parts.reduce((sum, part) => sum + this.#i32[part + PART.used]!, 0))
    let count = 0
    parts.forEach((part, rank) => {
      const slots = this.#memory.slotsIndex(part)
      const end = slots + this.#memory.slotCount * SLOT_WORDS
      for (let slot = slots; slot < end; slot += SLOT_WORDS) {
        const bannerId = this.#i32[slot + SLOT.banner]!
        if (bannerId !== 0 && this.#hasClicks(slot)) keys[count++] = bannerId * MINUTES_PER_HALF + rank
      }
    })
    return keys.subarray(0, count).sort()
  }

  /** A claimed slot may hold nothing: its adds were taken back, or a bulk claimed it and found no room. */
  #hasClicks(slot: number): boolean {
    for (let word = slot + SLOT.clicks; word < slot + SLOT_WORDS; word++)
      if (this.#i32[word] !== 0) return true
    return false
  }
}

function wordOf(slot: number, clickClass: ClickClass): number {
  return slot + SLOT.clicks + clickClass
}

/**
 * Whether an add has passed the maximum. Then the word has wrapped to a negative number, through this add or
 * through one that another thread is about to take back. Int32 arithmetic wraps both ways, so taking back
 * restores the word exactly.
 */
function hasPassedMaximum(before: number, clicks: number): boolean {
  return before < 0 || before + clicks > MAX_SLOT_CLICKS
}
