import { hashOf } from '../base/seeded-hash.ts'
import { NOTES_PER_BUCKET } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import type { ClientKey } from './client-key.ts'

/** There is such a note within the window: the click is a duplicate. */
export const KNOWN = -1
/** There is no place for a note: the click counts as valid, and so would its duplicate. */
export const NO_PLACE = -2

/** Time is counted in quanta. The window is so many, and a note's 8 bits hold four windows. */
const WINDOW_QUANTA = 64
const TIME_MASK = 0xff
/** Threads look at the clock at different moments. A note from so far in the future is in force as well. */
const AHEAD_QUANTA = 8
/** Older than this, a note would look like one from the future, which is in force. */
const ALIASED_QUANTA = TIME_MASK + 1 - AHEAD_QUANTA
/** Main goes over the whole table twice in a window, in steps of a second. */
const SWEEPS_PER_WINDOW = 2
const STEP_MS = 1000

/**
 * Notes "this client clicked on this banner", which all request threads share. A note is one word: a tag of 24 bits and
 * 8 bits of time. It lies in any of the 16 words of its bucket, one cache line, which the client's key and the banner
 * choose. A word of 0 is free.
 *
 * **Errs towards counting.** A note is in force for at least 63/64 of the window, never for more than the window: from
 * its click's quantum on for 64 quanta. Clocks that differ between threads, or are put back, make that at most 1/8 of a
 * window more. A client and banner whose tag is that of another note in force of the bucket is a duplicate by mistake:
 * n in 2^24 with n such notes. So it is 1 in 2 million in a table that is half full, 1 in 1 million when the bucket is
 * full, and twice as often in the window after a change of salts.
 *
 * **Two threads that note the same at once.** Each claims a word, then looks through the bucket again. Who sees another
 * one's claim then takes its own back and starts again. So two can never both have a place: one of them has claimed
 * before the other one has looked. Looking before claiming would let both through. Nor do both find a note: a claim is
 * taken back only by who then looks for another one, and the last to look finds a place.
 *
 * **Time goes round** after four windows, so notes that are over have to go before they look new. A sweep clears them.
 * After a whole one that began at B, no note is from before B − 64 quanta. Notes older than 248 quanta look new, so
 * threads go by notes for 184 quanta after B, almost three windows, and main ends a sweep every half a window. A
 * process that has slept for longer, or whose clock was put that far, has no place for notes until main has cleared
 * them all. The same holds for a clock that is put back behind B.
 */
export class DuplicateTable {
  /** The word of the note that `note` has just made. For `takeBack`. */
  notedWord = 0
  readonly #i32: Int32Array
  readonly #windowMs: number
  readonly #notesIndex: number
  readonly #noteCount: number
  readonly #sweptFrom: number
  readonly #bucketShift: number
  /** What was in the word that `#look` has found: 0, or a note that is over. */
  #free = 0
  /** Main's: the next place to sweep, and the quantum in which this sweep began. */
  #nextPlace = 0
  #sweepBegan = 0

  constructor(memory: SharedMemory, windowMs: number) {
    this.#i32 = memory.i32
    this.#windowMs = windowMs
    this.#notesIndex = memory.notesIndex
    this.#noteCount = memory.noteCount
    this.#sweptFrom = memory.sweptFromIndex
    this.#bucketShift = 32 - Math.log2(memory.noteCount / NOTES_PER_BUCKET)
  }

  /**
   * Notes a click, unless there is such a note in force. Returns KNOWN, NO_PLACE, or the place of the new note, ≥ 0.
   * `previousKey`: the client's key by the salt before, under which it may have been noted. For request threads.
   */
  note(key: ClientKey, previousKey: ClientKey | null, bannerId: number, nowMs: number): number {
    const quantum = this.#quantumOf(nowMs)
    if (!this.#isSwept(quantum)) return NO_PLACE
    if (previousKey !== null) {
      const bucket = this.#bucketOf(previousKey, bannerId)
      if (this.#look(bucket, tagOf(previousKey, bannerId), quantum) === KNOWN) return KNOWN
    }
    const bucket = this.#bucketOf(key, bannerId)
    const tag = tagOf(key, bannerId)
    for (;;) {
      const index = this.#look(bucket, tag, quantum)
      if (index < 0) return index
      const word = tag | (quantum & TIME_MASK)
      if (Atomics.compareExchange(this.#i32, index, this.#free, word) !== this.#free) continue
      if (!this.#hasOther(bucket, tag, quantum, index)) {
        this.notedWord = word
        return index - this.#notesIndex
      }
      Atomics.compareExchange(this.#i32, index, word, 0)
    }
  }

  /** Forgets a note that `note` has made, because its click was refused. */
  takeBack(place: number, word: number): void {
    Atomics.compareExchange(this.#i32, this.#notesIndex + place, word, 0)
  }

  /** Clears a part of the notes that are over. For main, once a second. */
  sweep(nowMs: number): void {
    const quantum = this.#quantumOf(nowMs)
    if (!this.#isSwept(quantum)) {
      // Nobody can tell how old the notes are.
      this.#clear(0, this.#noteCount, true, quantum)
      this.#nextPlace = 0
      Atomics.store(this.#i32, this.#sweptFrom, quantum)
      return
    }
    if (this.#nextPlace === 0) this.#sweepBegan = quantum
    const steps = Math.max(1, this.#windowMs / STEP_MS / SWEEPS_PER_WINDOW)
    const end = Math.min(this.#noteCount, this.#nextPlace + Math.ceil(this.#noteCount / steps))
    this.#clear(this.#nextPlace, end, false, quantum)
    this.#nextPlace = end % this.#noteCount
    // After the notes: told before, threads would go by notes that nobody has looked at.
    if (this.#nextPlace === 0) Atomics.store(this.#i32, this.#sweptFrom, this.#sweepBegan)
  }

  #clear(begin: number, end: number, areAllOver: boolean, quantum: number): void {
    for (let index = this.#notesIndex + begin; index < this.#notesIndex + end; index++) {
      const word = Atomics.load(this.#i32, index)
      if (word !== 0 && (areAllOver || !isInForce(word, quantum)))
        Atomics.compareExchange(this.#i32, index, word, 0)
    }
  }

  /** KNOWN, NO_PLACE, or the i32 index of a word for a new note, whose value is then in `#free`. */
  #look(bucket: number, tag: number, quantum: number): number {
    let found = NO_PLACE
    for (let index = bucket; index < bucket + NOTES_PER_BUCKET; index++) {
      const word = Atomics.load(this.#i32, index)
      if (word !== 0 && isInForce(word, quantum)) {
        if ((word & ~TIME_MASK) === tag) return KNOWN
      } else if (found === NO_PLACE) {
        found = index
        this.#free = word
      }
    }
    return found
  }

  #hasOther(bucket: number, tag: number, quantum: number, own: number): boolean {
    for (let index = bucket; index < bucket + NOTES_PER_BUCKET; index++) {
      const word = Atomics.load(this.#i32, index)
      if ((word & ~TIME_MASK) === tag && index !== own && isInForce(word, quantum)) return true
    }
    return false
  }

  /** Whether no note can be so old that it looks new. */
  #isSwept(quantum: number): boolean {
    const quanta = (quantum - Atomics.load(this.#i32, this.#sweptFrom)) | 0
    return quanta >= -AHEAD_QUANTA && quanta < ALIASED_QUANTA - WINDOW_QUANTA
  }

  #bucketOf(key: ClientKey, bannerId: number): number {
    return this.#notesIndex + (hashOf(bannerId, key.low) >>> this.#bucketShift) * NOTES_PER_BUCKET
  }

  /** Modulo 2^32. */
  #quantumOf(nowMs: number): number {
    return Math.floor((nowMs * WINDOW_QUANTA) / this.#windowMs) | 0
  }
}

/** The upper 24 bits. Not 0: a note whose time is 0 as well would look like a free word. */
function tagOf(key: ClientKey, bannerId: number): number {
  const tag = hashOf(bannerId, key.high) & ~TIME_MASK
  return tag === 0 ? TIME_MASK + 1 : tag
}

function isInForce(word: number, quantum: number): boolean {
  const age = (quantum - word) & TIME_MASK
  return age < WINDOW_QUANTA || age >= ALIASED_QUANTA
}
