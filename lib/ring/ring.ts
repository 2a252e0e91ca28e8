import { hashOf } from '../base/seeded-hash.ts'
import { CONTROL, MAX_SLOT_CLICKS, MINUTES_PER_HALF, PART, SLOT_WORDS } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { VALID } from '../rows/classes.ts'
import { newRows, type Rows } from '../rows/rows.ts'

/** Nothing was changed: the minutes or the slots of the half are used up, or the slot would pass 2^31 − 1. */
export const FULL = 0
export const ADDED = 1
/** Added, and the half should be flipped soon. */
export const ADDED_NEARLY_FULL = 2
export type AddResult = typeof FULL | typeof ADDED | typeof ADDED_NEARLY_FULL

/**
 * Counters by banner and minute in the two halves of the shared memory.
 *
 * Each half has a part for each of a few minutes, each part is an open-addressed hash table by banner id.
 * Nothing is ever removed from a half while threads are in it, so a probe that ends at a free slot has seen
 * every slot the banner could be in, and two threads that claim the same banner at once meet at the same
 * free slot, where compareExchange lets one of them win.
 */
export class Ring {
  /** Distinct banners that a half holds of one minute. */
  readonly maxBanners: number
  readonly #memory: SharedMemory
  readonly #i32: Int32Array
  readonly #slotMask: number
  readonly #hashSeed: number
  readonly #hashShift: number
  readonly #nearlyFullSlots: number
  /** Slots of the pairs that are being added. */
  #claimed = new Int32Array(0)

  constructor(memory: SharedMemory) {
    this.maxBanners = memory.maxBanners
    this.#memory = memory
    this.#i32 = memory.i32
    this.#slotMask = memory.slotCount - 1
    this.#hashSeed = memory.i32[CONTROL.hashSeed]!
    this.#hashShift = 32 - Math.log2(memory.slotCount)
    this.#nearlyFullSlots = Math.ceil(memory.maxBanners * 0.75)
  }

  /**
   * Adds `clicks` (≥ 1) to a slot of a minute (≥ 1). The calling thread must be in a generation of this half.
   * What all threads add at one moment must not pass 2^31: a word that two adds have wrapped right round
   * would look sound to a third.
   */
  add(half: number, minute: number, bannerId: number, clicks: number): AddResult {
    const part = this.#claimPart(half, minute)
    if (part < 0) return FULL
    const slot = this.#claimSlot(part, bannerId)
    if (slot < 0) return FULL
    const before = Atomics.add(this.#i32, slot + 1, clicks)
    if (hasPassedMaximum(before, clicks)) {
      Atomics.sub(this.#i32, slot + 1, clicks)
      return FULL
    }
    return this.#isNearlyFull(part, before) ? ADDED_NEARLY_FULL : ADDED
  }

  /**
   * Adds all pairs (banner id and clicks, alternating) or, when one of them finds no room, none. Until it
   * returns, others may find less room than there is; nobody reads the half meanwhile.
   */
  addAll(half: number, minute: number, pairs: Int32Array): AddResult {
    const part = this.#claimPart(half, minute)
    if (part < 0 || !this.#claimSlots(part, pairs)) return FULL
    let most = 0
    for (let pair = 0; pair < pairs.length; pair += 2) {
      const before = Atomics.add(this.#i32, this.#claimed[pair / 2]! + 1, pairs[pair + 1]!)
      if (hasPassedMaximum(before, pairs[pair + 1]!)) {
        this.#takeBackPairs(part, pairs, pair + 2)
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
  takeBack(half: number, minute: number, bannerId: number, clicks: number): void {
    const slot = this.#claimSlot(this.#claimPart(half, minute), bannerId)
    Atomics.sub(this.#i32, slot + 1, clicks)
  }

  /** Takes back what `addAll` has just added. The calling thread must still be in that generation. */
  takeBackAll(half: number, minute: number, pairs: Int32Array): void {
    this.#takeBackPairs(this.#claimPart(half, minute), pairs, pairs.length)
  }

  /** As far as `end`, an index into the pairs. */
  #takeBackPairs(part: number, pairs: Int32Array, end: number): void {
    for (let pair = 0; pair < end; pair += 2)
      Atomics.sub(this.#i32, this.#claimSlot(part, pairs[pair]!) + 1, pairs[pair + 1]!)
  }

  /** Slots used in the fullest minute of a half. */
  slotsUsed(half: number): number {
    let most = 0
    for (let part = 0; part < MINUTES_PER_HALF; part++)
      most = Math.max(most, Atomics.load(this.#i32, this.#memory.partIndex(half, part) + PART.used))
    return most
  }

  /**
   * Reads a half without changing it, so that it can be read again should the reader die. The caller must
   * have waited until the half is quiet: from then on nobody else touches it, and plain reads see
   * everything that was written before the last thread left.
   */
  rows(half: number): Rows {
    const parts = this.#usedParts(half)
    const keys = this.#sortedKeys(parts)
    const rows = newRows(keys.length)
    keys.forEach((key, row) => {
      const bannerId = Math.floor(key / MINUTES_PER_HALF)
      const part = parts[key % MINUTES_PER_HALF]!
      rows.bannerIds[row] = bannerId
      rows.minutes[row] = this.#i32[part + PART.minute]!
      rows.clicks[VALID][row] = this.#i32[this.#claimSlot(part, bannerId) + 1]!
    })
    return rows
  }

  /** Empties a half that is quiet and whose rows are in safe hands. */
  clear(half: number): void {
    for (const part of this.#usedParts(half)) {
      const slots = this.#memory.slotsIndex(part)
      this.#i32.fill(0, slots, slots + this.#memory.slotCount * SLOT_WORDS)
      this.#i32[part + PART.used] = 0
      // Last, so that a clear which is cut short is found and done again.
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
        const bannerId = this.#i32[slot]!
        // A slot can be claimed and yet hold nothing: its only add was taken back.
        if (bannerId !== 0 && this.#i32[slot + 1] !== 0) keys[count++] = bannerId * MINUTES_PER_HALF + rank
      }
    })
    return keys.subarray(0, count).sort()
  }

  /** Header index of the minute's part, claiming a free one for it; −1 when all parts have other minutes. */
  #claimPart(half: number, minute: number): number {
    // From the first part on, not from one that the minute names: a part that was never used costs no memory.
    for (let part = 0; part < MINUTES_PER_HALF; part++) {
      const header = this.#memory.partIndex(half, part)
      const owner = Atomics.load(this.#i32, header + PART.minute)
      if (owner === minute) return header
      if (owner !== 0) continue
      const winner = Atomics.compareExchange(this.#i32, header + PART.minute, 0, minute)
      if (winner === 0 || winner === minute) return header
    }
    return -1
  }

  /** Claims a slot for each pair into #claimed; false when the part has its full number of banners. */
  #claimSlots(part: number, pairs: Int32Array): boolean {
    const slots = this.#memory.slotsIndex(part)
    if (this.#claimed.length < pairs.length / 2) this.#claimed = new Int32Array(pairs.length / 2)
    // What is read here is not used. But the processor fetches all of it at the same time, whereas the probes
    // below, each with a branch that hangs on what it has read, would wait for one piece after the other.
    for (let pair = 0; pair < pairs.length; pair += 2)
      this.#claimed[pair / 2] = this.#i32[slots + this.#homeOf(pairs[pair]!) * SLOT_WORDS]!
    for (let pair = 0; pair < pairs.length; pair += 2) {
      const slot = this.#claimSlot(part, pairs[pair]!)
      if (slot < 0) return false
      this.#claimed[pair / 2] = slot
    }
    return true
  }

  /** Where the probes for a banner begin. */
  #homeOf(bannerId: number): number {
    return hashOf(bannerId, this.#hashSeed) >>> this.#hashShift
  }

  /** Index of the banner's slot, claiming a free one for it; −1 when the part has its full number of banners. */
  #claimSlot(part: number, bannerId: number): number {
    const slots = this.#memory.slotsIndex(part)
    let position = this.#homeOf(bannerId)
    for (;;) {
      const slot = slots + position * SLOT_WORDS
      const owner = Atomics.load(this.#i32, slot)
      if (owner === bannerId) return slot
      if (owner === 0) {
        const winner = this.#claimFreeSlot(part, slot, bannerId)
        if (winner === bannerId) return slot
        if (winner === 0) return -1
      }
      position = (position + 1) & this.#slotMask
    }
  }

  /**
   * Whose the free slot is now, 0 when the part is full. The place in the part is reserved before the slot
   * is claimed: the other way round, threads could together pass the maximum, and a table without a free
   * slot would never end a probe. So with the last place, a thread can be refused over one that another is
   * about to give back: it waits for the flip like any other.
   */
  #claimFreeSlot(part: number, slot: number, bannerId: number): number {
    if (Atomics.add(this.#i32, part + PART.used, 1) >= this.maxBanners) {
      Atomics.sub(this.#i32, part + PART.used, 1)
      return 0
    }
    const winner = Atomics.compareExchange(this.#i32, slot, 0, bannerId)
    if (winner === 0) return bannerId
    Atomics.sub(this.#i32, part + PART.used, 1)
    return winner
  }
}

/**
 * Past the maximum the word has wrapped to a negative number, for this thread or for one that is about to
 * take its own add back. Int32 arithmetic wraps both ways, so taking back restores it exactly.
 */
function hasPassedMaximum(before: number, clicks: number): boolean {
  return before < 0 || before + clicks > MAX_SLOT_CLICKS
}
