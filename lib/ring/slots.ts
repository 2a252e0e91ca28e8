import { hashOf } from '../base/seeded-hash.ts'
import { CONTROL, MINUTES_PER_HALF, PART, SLOT, SLOT_WORDS } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

/**
 * Finds the slot of a banner and minute, and claims a free one where there is none yet.
 *
 * A half has parts for a few minutes. Each part is an open-addressed hash table by banner id. While threads
 * are in a half, nothing is removed from it. So a probe that ends at a free slot has seen every slot that the
 * banner could be in, and two threads that claim the same banner at once meet at the same free slot, where
 * compareExchange lets one win.
 */
export class Slots {
  readonly #memory: SharedMemory
  readonly #i32: Int32Array
  readonly #maxBanners: number
  readonly #slotMask: number
  readonly #hashSeed: number
  readonly #hashShift: number
  #claimed = new Int32Array(0)

  constructor(memory: SharedMemory) {
    this.#memory = memory
    this.#i32 = memory.i32
    this.#maxBanners = memory.maxBanners
    this.#slotMask = memory.slotCount - 1
    this.#hashSeed = memory.i32[CONTROL.hashSeed]!
    this.#hashShift = 32 - Math.log2(memory.slotCount)
  }

  /** Index of the header of the minute's part; −1 when all parts have other minutes. */
  claimPart(half: number, minute: number): number {
    // The first free part is taken. If the minute chose it, all parts would get used, and cost memory.
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

  /** Index of the banner's slot; −1 when the part has its full number of banners. */
  claimSlot(part: number, bannerId: number): number {
    const slots = this.#memory.slotsIndex(part)
    let position = this.#homeOf(bannerId)
    for (;;) {
      const slot = slots + position * SLOT_WORDS
      const owner = Atomics.load(this.#i32, slot + SLOT.banner)
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
   * Indices of the slots of all pairs (banner id and clicks, alternating), in their order; null when the part
   * has its full number of banners. The array may be longer; what follows the slots means nothing. It is good
   * until the next call.
   */
  claimSlots(part: number, pairs: Int32Array): Int32Array | null {
    const slots = this.#memory.slotsIndex(part)
    if (this.#claimed.length < pairs.length / 2) this.#claimed = new Int32Array(pairs.length / 2)
    const claimed = this.#claimed
    // The values that this loop reads are not used. It makes the processor fetch all of the slots at the same
    // time. The probes below branch on what they have read, so each of them alone would wait for its slot.
    for (let pair = 0; pair < pairs.length; pair += 2)
      claimed[pair / 2] = this.#i32[slots + this.#homeOf(pairs[pair]!) * SLOT_WORDS]!
    for (let pair = 0; pair < pairs.length; pair += 2) {
      const slot = this.claimSlot(part, pairs[pair]!)
      if (slot < 0) return null
      claimed[pair / 2] = slot
    }
    return claimed
  }

  /** The position where the probes for a banner begin. */
  #homeOf(bannerId: number): number {
    return hashOf(bannerId, this.#hashSeed) >>> this.#hashShift
  }

  /**
   * The banner that the free slot has now; 0: none, because the part is full.
   *
   * The place in the part is reserved first, then the slot is claimed. The other way round, threads could
   * together pass the maximum, and a probe in a table without a free slot would never end. The price: with
   * the last place, a thread can be refused over a place that another one is about to give back. It then
   * waits for the flip like any other.
   */
  #claimFreeSlot(part: number, slot: number, bannerId: number): number {
    if (Atomics.add(this.#i32, part + PART.used, 1) >= this.#maxBanners) {
      Atomics.sub(this.#i32, part + PART.used, 1)
      return 0
    }
    const winner = Atomics.compareExchange(this.#i32, slot + SLOT.banner, 0, bannerId)
    if (winner === 0) return bannerId
    Atomics.sub(this.#i32, part + PART.used, 1)
    return winner
  }
}
