import {
  CLICKS_IN_HALF,
  KEYED_IN_HALF,
  ROUTE_KINDS,
  type RouteKind,
  type THREAD_NUMBER,
} from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { type ByClass, byClass, CLICK_CLASSES } from '../rows/classes.ts'
import { Durations } from './durations.ts'
import { type Latency, ThreadWindows } from './windows.ts'

/** What a request thread books, see balance.ts. */
export class ThreadBooks {
  readonly #memory: SharedMemory
  readonly #threadIndex: number
  readonly #windows: ThreadWindows
  readonly #durations: ReadonlyMap<RouteKind, Durations>
  /** f64 indices of a half's clicks, by half, then class. */
  readonly #indicesInHalf: readonly ByClass<number>[]
  readonly #now: () => number

  constructor(memory: SharedMemory, threadIndex: number, now: () => number) {
    this.#memory = memory
    this.#threadIndex = threadIndex
    this.#windows = new ThreadWindows(memory, threadIndex)
    this.#durations = new Map(
      ROUTE_KINDS.map(kind => [kind, new Durations(memory, memory.answerDurationsIndex(threadIndex, kind))]),
    )
    this.#indicesInHalf = CLICKS_IN_HALF.map(names => byClass(clickClass => this.#index(names[clickClass])))
    this.#now = now
  }

  /**
   * Books the clicks of one tick, all in one half, and how many keyed bulks, with how many pairs, are among them. The
   * tick must be in the journal already, and the thread still in that half's generation: see balance.ts. Later, the half
   * may have been collected, and the clicks would count in the next generation that uses it.
   *
   * The keyed bulks come first: booked without them, clicks of theirs would be missed in the ring when the thread dies in
   * between.
   */
  accept(half: number, clicks: ByClass<number>, keyedPairs = 0, keyedBulks = 0): void {
    if (keyedBulks > 0) {
      this.#count(KEYED_IN_HALF[half]!.pairs, keyedPairs)
      this.#count(KEYED_IN_HALF[half]!.bulks, keyedBulks)
    }
    const indices = this.#indicesInHalf[half]!
    for (const clickClass of CLICK_CLASSES)
      if (clicks[clickClass] > 0) this.#memory.f64[indices[clickClass]]! += clicks[clickClass]
    this.#windows.addClicks(this.#now(), clicks)
    this.#set('journalFailedAtMs', 0)
  }

  refuseFull(clicks: number): void {
    this.#count('refusedFull', clicks)
  }

  /** Of those, clicks of unknown banners, and of bulks with one, while room is kept for registered banners. */
  refuseUnknown(clicks: number): void {
    this.#count('refusedUnknown', clicks)
  }

  /** The tick could not be written to the journal. */
  failJournal(clicks: number): void {
    this.#set('journalFailedAtMs', this.#now())
    this.refuseJournal(clicks)
  }

  /** There is no space left for clicks that wait for Postgres. */
  refuseJournal(clicks: number): void {
    this.#count('refusedJournal', clicks)
  }

  /** Their client has sent more clicks than a client may. */
  refuseLimit(clicks: number): void {
    this.#count('refusedLimit', clicks)
  }

  /** A click counts as valid and has no note, because there is no place for one. */
  countUnnoted(): void {
    this.#count('unnotedClicks', 1)
  }

  /** Clicks of a client that is not limited, because there is no place to remember it. */
  countUnlimited(clicks: number): void {
    this.#count('unlimitedClicks', clicks)
  }

  /** A request had a wrong key, a wrong session or a wrong log-in. */
  failKey(): void {
    this.#count('keysFailed', 1)
  }

  /** Such a failure was answered with 429: there were too many from that client. */
  limitKey(): void {
    this.#count('keysLimited', 1)
  }

  /** It was closed at once: its client had its share of connections, or there was no place for anybody. */
  refuseConnection(): void {
    this.#count('refusedConnections', 1)
  }

  /** It was answered with 429: too many of its client's were in hand. */
  refuseRequest(): void {
    this.#count('refusedRequests', 1)
  }

  ignorePrefetch(): void {
    this.#count('ignoredPrefetch', 1)
  }

  /** Nobody registered their banner, or it leads nowhere. */
  ignoreUnknown(clicks: number): void {
    this.#count('ignoredUnknown', clicks)
  }

  /** Their banner is not active. */
  ignoreInactive(clicks: number): void {
    this.#count('ignoredInactive', clicks)
  }

  /** A trusted proxy's X-Forwarded-For could not be read. */
  countMalformedForwarded(): void {
    this.#count('forwardedMalformed', 1)
  }

  /** Books `answers` that are alike. `latency` is null for bytes that never became a request. */
  answer(statusCode: number, latency: Latency | null, answers = 1): void {
    this.#count('requests', answers)
    if (statusCode < 300) this.#count('responses2xx', answers)
    else if (statusCode < 400) this.#count('responses3xx', answers)
    else if (statusCode < 500) this.#count('responses4xx', answers)
    else this.#count('responses5xx', answers)
    if (latency === null) return
    this.#windows.addLatency(this.#now(), latency, answers)
    this.#durations.get(latency.kind)!.add(latency.ms, answers)
  }

  /** How busy the thread was since the last call, as a fraction, and how late its event loop was. */
  load(utilization: number, eventLoopDelayP99Ms: number): void {
    this.#set('utilization', utilization)
    this.#set('eventLoopDelayP99Ms', eventLoopDelayP99Ms)
  }

  #count(name: keyof typeof THREAD_NUMBER, by: number): void {
    this.#memory.f64[this.#index(name)]! += by
  }

  #set(name: keyof typeof THREAD_NUMBER, value: number): void {
    this.#memory.f64[this.#index(name)] = value
  }

  #index(name: keyof typeof THREAD_NUMBER): number {
    return this.#memory.threadNumberIndex(this.#threadIndex, name)
  }
}
