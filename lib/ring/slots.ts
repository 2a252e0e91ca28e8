import type { BannerLookup } from '../banners/banner-lookup.ts'
import { hashOf } from '../base/seeded-hash.ts'
import { CONTROL, MINUTES_PER_HALF, PART, SLOT, SLOT_WORDS } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

/** What a slot holds instead of a banner. */
const NOBODY = 0
const NO_ROOM = -1

/** The most of a part's slots that are kept for registered banners: the others need some, too. */
const MOST_RESERVED = 0.75

/** Which banners somebody registered, as far as the calling thread knows. */
export type Registered = Pick<BannerLookup, 'has' | 'count'>

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
  readonly #registered: Registered
  readonly #maxBanners: number
  readonly #slotMask: number
  readonly #hashSeed: number
  readonly #hashShift: number
  #claimed = new Int32Array(0)

  constructor(memory: SharedMemory, registered: Registered) {
    this.#memory = memory
    this.#i32 = memory.i32
    this.#registered = registered
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

  /**
   * How many slots of a part unknown banners may have: all that the registered ones do not need. As long as
   * those are not more than three quarters of MAX_BANNERS, each of them finds room, whoever else comes.
   */
  get roomForUnknown(): number {
    return this.#maxBanners - Math.min(this.#registered.count, Math.floor(MOST_RESERVED * this.#maxBanners))
  }

  isUnknown(bannerId: number): boolean {
    return !this.#registered.has(bannerId)
  }

  /** How many of the banners of pairs (banner id and clicks, alternating) are unknown. */
  countUnknown(pairs: Int32Array): number {
    let unknown = 0
    for (let pair = 0; pair < pairs.length; pair += 2) if (this.isUnknown(pairs[pair]!)) unknown++
    return unknown
  }

  /** Index of the banner's slot; −1 when it has none, and the part has no place for it. */
  claimSlot(part: number, bannerId: number): number {
    const slots = this.#memory.slotsIndex(part)
    let position = this.#homeOf(bannerId)
    for (;;) {
      const slot = slots + position * SLOT_WORDS
      const owner = Atomics.load(this.#i32, slot + SLOT.banner)
      if (owner === bannerId) return slot
      if (owner === NOBODY) {
        const claimedBy = this.#claimFreeSlot(part, slot, bannerId)
        if (claimedBy === NOBODY || claimedBy === bannerId) return slot
        if (claimedBy === NO_ROOM) return -1
      }
      position = (position + 1) & this.#slotMask
    }
  }

  /**
   * Indices of the slots of all pairs (banner id and clicks, alternating), in their order; null when one of
   * them has none, and the part has no place for it. The array may be longer; what follows the slots means
   * nothing. It is good until the next call.
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
   * Claims a slot that was free. Returns the banner that has it already; NOBODY: it is claimed; NO_ROOM: the part
   * has no place for this banner.
   *
   * An unknown banner takes a place among the unknown ones, then every banner takes one in the part, then the
   * slot is claimed. Places are given back in the opposite order.
   *
   * If the slot came before the places, threads could together pass the maximum, and a probe in a table
   * without a free slot would never end. If the place in the part came before the one among the unknown
   * banners, or was given back after it, several threads could hold more places for unknown banners than
   * those may have. It would be for a moment, but a registered banner could find the part full in it.
   *
   * So unknown banners never hold more places than `usedByUnknown` counts. Until the half is cleared it counts
   * too many when a thread dies in between, and when an unknown banner that has its slot is registered. It
   * counts too few when a banner that has its slot is registered no more.
   *
   * The price: with the last place, a thread can be refused over a place that another one is about to give
   * back. And while banners are registered or removed, the half may have been filled by the rule of a moment
   * before. A click that is refused for either waits for the flip like any other, and then finds room.
   */
  #claimFreeSlot(part: number, slot: number, bannerId: number): number {
    // Nobody looks it up before: a click that finds its slot claimed must not pay for this.
    if (!this.isUnknown(bannerId)) return this.#claimInPart(part, slot, bannerId)
    if (!this.#takePlace(part + PART.usedByUnknown, this.roomForUnknown)) return NO_ROOM
    const owner = this.#claimInPart(part, slot, bannerId)
    if (owner !== NOBODY) Atomics.sub(this.#i32, part + PART.usedByUnknown, 1)
    return owner
  }

  #claimInPart(part: number, slot: number, bannerId: number): number {
    if (!this.#takePlace(part + PART.used, this.#maxBanners)) return NO_ROOM
    const owner = Atomics.compareExchange(this.#i32, slot + SLOT.banner, NOBODY, bannerId)
    if (owner !== NOBODY) Atomics.sub(this.#i32, part + PART.used, 1)
    return owner
  }

  /** Counts one more in `word`, unless that would be more than `places`. */
  #takePlace(word: number, places: number): boolean {
    if (Atomics.add(this.#i32, word, 1) < places) return true
    Atomics.sub(this.#i32, word, 1)
    return false
  }
}
