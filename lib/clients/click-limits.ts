import { LIMITS_PER_BUCKET } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { ClientKey } from './client-key.ts'

/** What `admit` returns when there is no place to remember the client: the clicks are admitted and not charged. */
export const UNLIMITED = -1

const UNITS_PER_MS = 256
const MINUTE_UNITS = 60_000 * UNITS_PER_MS
/** Threads look at the clock at different moments. An arrival so far beyond what a client can be charged holds as well. */
const AHEAD_UNITS = 1000 * UNITS_PER_MS
/** An arrival has 40 bits: it goes round after 49 days. */
const TIME_SPAN = 2 ** 40
const HIGH_TIME_MASK = 0xff

/**
 * How many clicks each client may send, by the generic cell rate algorithm (GCRA: ITU-T I.371; its other form is the
 * leaky bucket). Each click moves a client's *arrival*, when the next click would be due at an even pace, by a minute /
 * N. A click that would move it further than N clicks ahead of the clock is refused. So a client may send N clicks at
 * once, and N a minute in the long run; above a million a minute some hundredths more, because the pace is whole units
 * of 1/256 ms.
 *
 * A client that has been still until its arrival needs no memory. The others have one word of 64 bits: a tag of 24 bits
 * and the arrival. It lies in any of the 8 words of the client's bucket, one cache line. Two threads change it by
 * compareExchange. A bucket that is full of such clients admits everybody else. If two threads give the same new client
 * two words at once, only the first one is found later, and it has one charge too few.
 *
 * An arrival that is further ahead than it can be, and a second more, is from a clock that was put back, and is forgotten.
 * So nobody is locked out for longer than a minute and a second.
 */
export class ClickLimits {
  readonly #i32: Int32Array
  readonly #words: BigInt64Array
  readonly #limitsIndex: number
  readonly #bucketMask: number
  readonly #unitsPerClick: number
  /** The furthest that an arrival may be ahead of the clock. */
  readonly #burstUnits: number
  /** What the last look has found: the place of the word, and how far ahead of the clock its arrival is. */
  #place = 0
  #aheadUnits = 0
  /** The word that was there, and one to put there. As halves they are made without a BigInt. */
  readonly #seen = new Int32Array(2)
  readonly #next = new Int32Array(2)
  readonly #seenWord = new BigInt64Array(this.#seen.buffer)
  readonly #nextWord = new BigInt64Array(this.#next.buffer)

  /** `clicksPerMinute`: from 1 to 15 360 000, so that a click takes a unit at least. */
  constructor(memory: SharedMemory, clicksPerMinute: number) {
    this.#i32 = memory.i32
    this.#words = new BigInt64Array(memory.handle.buffer)
    this.#limitsIndex = memory.limitsIndex
    this.#bucketMask = memory.limitCount / LIMITS_PER_BUCKET - 1
    this.#unitsPerClick = Math.floor(MINUTE_UNITS / clicksPerMinute)
    this.#burstUnits = clicksPerMinute * this.#unitsPerClick
  }

  /**
   * Charges clicks to a client, all or none. Returns 0 when they are admitted, UNLIMITED when they are admitted and there
   * is no place to charge them, else the milliseconds after which they would be admitted: of no use when they are more
   * than a minute's worth.
   */
  admit(key: ClientKey, clicks: number, nowMs: number): number {
    for (;;) {
      if (!this.#look(key, nowMs)) return UNLIMITED
      const aheadUnits = this.#aheadUnits + clicks * this.#unitsPerClick
      if (aheadUnits > this.#burstUnits) return this.#waitMs(aheadUnits)
      if (this.#replace(tagOf(key), unitsOf(nowMs) + aheadUnits)) return 0
    }
  }

  /** Milliseconds until one click of the client would be admitted; 0: at once. Charges nothing. */
  isOver(key: ClientKey, nowMs: number): number {
    if (!this.#look(key, nowMs)) return 0
    const aheadUnits = this.#aheadUnits + this.#unitsPerClick
    return aheadUnits > this.#burstUnits ? this.#waitMs(aheadUnits) : 0
  }

  /** Finds the client's word, or a free one. False: the bucket is full of other clients that are still charged. */
  #look(key: ClientKey, nowMs: number): boolean {
    const bucket = (key.low & this.#bucketMask) * LIMITS_PER_BUCKET
    const tag = tagOf(key)
    let isFound = false
    for (let place = bucket; place < bucket + LIMITS_PER_BUCKET; place++) {
      const index = 2 * (this.#limitsIndex + place)
      const high = Atomics.load(this.#i32, index + 1)
      const isOwn = (high & ~HIGH_TIME_MASK) === tag
      if (isFound && !isOwn) continue
      const low = Atomics.load(this.#i32, index)
      const aheadUnits = high === 0 ? 0 : this.#aheadOf(high, low, nowMs)
      if (!isOwn && aheadUnits > 0) continue
      isFound = true
      this.#place = place
      this.#aheadUnits = aheadUnits
      this.#seen[0] = low
      this.#seen[1] = high
      if (isOwn) break
    }
    return isFound
  }

  /** Of a torn word, whose halves are of two moments: `#replace` finds out. */
  #aheadOf(high: number, low: number, nowMs: number): number {
    const units = (high & HIGH_TIME_MASK) * 2 ** 32 + (low >>> 0) - (unitsOf(nowMs) % TIME_SPAN)
    const aheadUnits =
      units < -TIME_SPAN / 2 ? units + TIME_SPAN : units > TIME_SPAN / 2 ? units - TIME_SPAN : units
    if (aheadUnits <= 0 || aheadUnits > this.#burstUnits + AHEAD_UNITS) return 0
    return Math.min(aheadUnits, this.#burstUnits)
  }

  #replace(tag: number, arrivalUnits: number): boolean {
    this.#next[0] = arrivalUnits
    this.#next[1] = tag | (Math.floor(arrivalUnits / 2 ** 32) & HIGH_TIME_MASK)
    const index = this.#limitsIndex + this.#place
    const seen = this.#seenWord[0]!
    return Atomics.compareExchange(this.#words, index, seen, this.#nextWord[0]!) === seen
  }

  #waitMs(aheadUnits: number): number {
    return Math.ceil((aheadUnits - this.#burstUnits) / UNITS_PER_MS)
  }
}

function unitsOf(nowMs: number): number {
  return Math.floor(nowMs * UNITS_PER_MS)
}

/** The upper 24 bits. Not 0, which is a word that nobody has. */
function tagOf(key: ClientKey): number {
  const tag = key.high & ~HIGH_TIME_MASK
  return tag === 0 ? HIGH_TIME_MASK + 1 : tag
}
