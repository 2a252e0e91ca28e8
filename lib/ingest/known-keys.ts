import { type Hash64, halfSipHash } from '../base/half-sip-hash.ts'
import { CONTROL, KNOWN_KEY_WORDS, KNOWN_KEYS, KNOWN_KEYS_PER_BUCKET } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { BulkIdentity } from '../rows/keyed-bulk.ts'

const DAY_MS = 86_400_000
const BUCKET_MASK = KNOWN_KEYS / KNOWN_KEYS_PER_BUCKET - 1

/**
 * The last keys of bulks that this instance has acknowledged, with 64 bits of their fingerprints. All request threads
 * share them. Where it remembers nothing, Postgres has to be asked.
 *
 * A key is found by a hash of 64 bits with a seed, and lies in any of the 4 places of its bucket, one cache line. Two keys
 * have the same hash and bucket once in 2^64 pairs: of 10^12 bulks with keys of their own, 1 in 280 times one is refused by
 * mistake. Who does not know the seed cannot look for such keys.
 *
 * **No lock.** A place has the fingerprint, and the hash XOR the fingerprint. A thread that reads a place while another one
 * writes it puts together the hash of no key, and has found nothing.
 *
 * **For a day at most.** The UTC day is hashed with the key: what was noted yesterday is never found again, and its place is
 * taken in time. So no key is remembered for longer than IDEMPOTENCY_KEY_DAYS.
 */
export class KnownKeys {
  readonly #memory: SharedMemory
  readonly #now: () => number

  /** `now` is in milliseconds since the epoch. */
  constructor(memory: SharedMemory, now: () => number) {
    this.#memory = memory
    this.#now = now
  }

  /** The first 16 digits of the fingerprint that the key was noted with. null: it is not known. */
  find(key: string): string | null {
    const hash = this.#hashOf(key)
    const place = this.#placeOf(hash)
    if (place < 0) return null
    const [high, low] = [this.#word(place + 2), this.#word(place + 3)]
    // With these words: since the look before, another thread may have given the place to its key.
    return this.#hasHash(place, hash, high, low) ? hexOf(high) + hexOf(low) : null
  }

  /** To be called when a bulk is acknowledged. A key that is known already stays as it was noted first. */
  note({ key, fingerprint }: BulkIdentity): void {
    const hash = this.#hashOf(key)
    if (this.#placeOf(hash) >= 0) return
    const [high, low] = [wordOf(fingerprint, 0), wordOf(fingerprint, 8)]
    const place = this.#freeOf(hash, low)
    const words = [hash.high ^ high, hash.low ^ low, high, low]
    for (const [nth, word] of words.entries()) Atomics.store(this.#memory.i32, place + nth, word)
  }

  #hashOf(key: string): Hash64 {
    const { i32 } = this.#memory
    const day = Math.floor(this.#now() / DAY_MS)
    const [high, low] = [CONTROL.keySeedHigh, CONTROL.keySeedLow].map(word => Atomics.load(i32, word))
    return halfSipHash(`${day} ${key}`, high!, low!)
  }

  /** i32 index of the key's place; -1: it has none. */
  #placeOf(hash: Hash64): number {
    const bucket = this.#bucketOf(hash)
    for (
      let place = bucket;
      place < bucket + KNOWN_KEYS_PER_BUCKET * KNOWN_KEY_WORDS;
      place += KNOWN_KEY_WORDS
    )
      if (this.#hasHash(place, hash, this.#word(place + 2), this.#word(place + 3))) return place
    return -1
  }

  /** `high` and `low` are the words of the fingerprint that was read there. */
  #hasHash(place: number, hash: Hash64, high: number, low: number): boolean {
    return (this.#word(place) ^ high) === hash.high && (this.#word(place + 1) ^ low) === hash.low
  }

  /** A place that was never used, else any: fingerprints are as good as chance. */
  #freeOf(hash: Hash64, low: number): number {
    const bucket = this.#bucketOf(hash)
    for (
      let place = bucket;
      place < bucket + KNOWN_KEYS_PER_BUCKET * KNOWN_KEY_WORDS;
      place += KNOWN_KEY_WORDS
    )
      if ((this.#word(place) | this.#word(place + 1) | this.#word(place + 2) | this.#word(place + 3)) === 0)
        return place
    return bucket + (low & (KNOWN_KEYS_PER_BUCKET - 1)) * KNOWN_KEY_WORDS
  }

  #bucketOf({ low }: Hash64): number {
    return this.#memory.knownKeysIndex + (low & BUCKET_MASK) * KNOWN_KEYS_PER_BUCKET * KNOWN_KEY_WORDS
  }

  #word(index: number): number {
    return Atomics.load(this.#memory.i32, index)
  }
}

function wordOf(fingerprint: string, start: number): number {
  return Number.parseInt(fingerprint.slice(start, start + 8), 16) | 0
}

function hexOf(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
