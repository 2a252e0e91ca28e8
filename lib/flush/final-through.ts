import { LATEST_ADD_MS } from '../ring/generations.ts'

/** Points beyond so many: every second one of the older half goes. */
const MAX_POINTS = 4096

/** Both in milliseconds. */
export interface Clock {
  /** Since the epoch. Somebody may put it forward or back. */
  readonly wallMs: () => number
  /** Nobody puts it forward or back. */
  readonly monotonicMs: () => number
}

interface Instant {
  readonly wallMs: number
  readonly monotonicMs: number
}

/** Clicks of this process that were acknowledged before the instant are in generations up to this one. */
interface Point extends Instant {
  readonly generation: number
}

/** What of this process is in Postgres. */
export interface StoredSoFar {
  /** Every click of generations up to this one is stored. */
  readonly ledgerGeneration: number
  /** No click of a collected generation waits or was put aside. */
  readonly isCollectedStored: boolean
  /** No thread counts a click at this moment, and none waits. */
  readonly isIdle: boolean
}

/**
 * Says through which instant all clicks of this process are in Postgres, by its wall clock: no click that it
 * acknowledged, or that arrived, before that instant turns up later.
 *
 * A click that is acknowledged after a flip was begun may be in the next generation. So a flip counts as of the instant
 * before it, and a process where nothing waits as of the instant before somebody looked. A click that waits for room is
 * added to a later generation, LATEST_ADD_MS after its arrival at most. That is taken off.
 *
 * A database that goes back takes the instant back with it: the points before it are kept, fewer the older they are.
 * When the wall clock was put back, clicks come in times that it has shown before, so the instant goes back as far. When
 * it was put forward, a point stays at the time that it was made at: clicks came after it in the times before the jump.
 */
export class FinalThrough {
  readonly #clock: Clock
  /** Ascending by generation. The first one is the start: there were no clicks. */
  #points: Point[]
  /** Before the flip that is under way; null: none is. */
  #flip: Instant | null = null

  constructor(clock: Clock) {
    this.#clock = clock
    this.#points = [{ generation: 0, ...this.#now() }]
  }

  /** To be called before a flip is tried. After one that has failed, the instant of the first try counts. */
  flipBegins(): void {
    // A worker may have flipped and died. Its clicks are as old as the first try.
    this.#flip ??= this.#now()
  }

  /** The generation is collected. */
  flipEnded(generation: number): void {
    this.#add({ generation, ...this.#flip! })
    this.#flip = null
  }

  /** Milliseconds since the epoch. `look` tells what is stored at this moment. */
  through(look: () => StoredSoFar): number {
    // Before the look: a click that is acknowledged between the two is not seen.
    const now = this.#now()
    const { ledgerGeneration, isCollectedStored, isIdle } = look()
    if (isCollectedStored) this.#settle(ledgerGeneration)
    if (isIdle) this.#add({ generation: ledgerGeneration, ...now })
    // All of them, for good: the clock may be put forward again.
    this.#points = this.#points.map(point => putBack(point, now))
    if (this.#flip !== null) this.#flip = putBack(this.#flip, now)
    const newest = this.#points.findLast(({ generation }) => generation <= ledgerGeneration)!
    return Math.floor(newest.wallMs) - LATEST_ADD_MS
  }

  /**
   * All generations that were flipped are stored. Those after the ledger's had no clicks: what was before their flips is
   * stored as long as the ledger's generation is.
   */
  #settle(ledgerGeneration: number): void {
    const newest = this.#points.at(-1)!
    this.#points = this.#points.filter(({ generation }) => generation < ledgerGeneration)
    this.#add({ ...newest, generation: Math.min(newest.generation, ledgerGeneration) })
  }

  /** A later point of the same generation takes its place. */
  #add(point: Point): void {
    if (this.#points.at(-1)?.generation === point.generation) this.#points.pop()
    this.#points.push(point)
    const half = MAX_POINTS / 2
    if (this.#points.length > MAX_POINTS)
      this.#points = this.#points.filter((_, nth) => nth > half || nth % 2 === 0)
  }

  #now(): Instant {
    return { wallMs: this.#clock.wallMs(), monotonicMs: this.#clock.monotonicMs() }
  }
}

/** The instant with the time that the wall clock would show for it now, if that is earlier. */
function putBack<Kind extends Instant>(instant: Kind, now: Instant): Kind {
  const shownMs = now.wallMs - (now.monotonicMs - instant.monotonicMs)
  return shownMs < instant.wallMs ? { ...instant, wallMs: shownMs } : instant
}
