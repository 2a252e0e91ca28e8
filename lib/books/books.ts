import {
  CONTROL,
  HALF_COUNT,
  type NUMBER,
  ROUTE_KINDS,
  type RouteKind,
  type SharedMemory,
  type THREAD_NUMBER,
} from '../memory/layout.ts'
import { Durations } from './durations.ts'
import { type Latency, ThreadWindows } from './windows.ts'

/**
 * The books: accepted = stored + pending + lost, at any moment, and every click that was not taken under its reason.
 *
 * Each request thread books what it acknowledges, by half of the ring. When a half is collected, main carries
 * over what the threads had booked into it (collectedClicks), and beside that what its slots held, first as
 * backlog, then as stored. So a click that the ring loses stays visible as a difference, and a tick is
 * booked by one store: no moment, and no death of a thread, falls between two numbers that belong together.
 *
 *   accepted = collectedClicks + in the ring
 *   pending  = backlogClicks   + in the ring
 *
 * Clicks that were put aside, since somebody else has taken their place in the ledger, stay pending.
 */
export class ThreadBooks {
  readonly #memory: SharedMemory
  readonly #threadIndex: number
  readonly #windows: ThreadWindows
  readonly #durations: ReadonlyMap<RouteKind, Durations>
  readonly #now: () => number

  constructor(memory: SharedMemory, threadIndex: number, now: () => number) {
    this.#memory = memory
    this.#threadIndex = threadIndex
    this.#windows = new ThreadWindows(memory, threadIndex)
    this.#durations = new Map(
      ROUTE_KINDS.map(kind => [kind, new Durations(memory, memory.answerDurationsIndex(threadIndex, kind))]),
    )
    this.#now = now
  }

  /** Clicks of one tick, all in one half. The thread must still be in that half's generation. */
  accept(half: number, clicks: number): void {
    this.#count(half === 0 ? 'clicksInHalf0' : 'clicksInHalf1', clicks)
    this.#windows.addClicks(this.#now(), clicks)
    this.#set('journalFailedAtMs', 0)
  }

  refuseFull(clicks: number): void {
    this.#count('refusedFull', clicks)
  }

  /** The journal's disk failed the tick. */
  failJournal(clicks: number): void {
    this.#set('journalFailedAtMs', this.#now())
    this.refuseJournal(clicks)
  }

  /** There is no room left for what waits. */
  refuseJournal(clicks: number): void {
    this.#count('refusedJournal', clicks)
  }

  ignorePrefetch(): void {
    this.#count('ignoredPrefetch', 1)
  }

  /** So many answers alike. `latency` is null for what never became a request. */
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

  /** How busy the thread was since the last call, as a fraction, and how late its event loop came. */
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

/** Clicks that the threads have booked into a half since it was last cleared. */
export function clicksInHalf(memory: SharedMemory, half: number): number {
  return sumOverThreads(memory, half === 0 ? 'clicksInHalf0' : 'clicksInHalf1')
}

/** Belongs to clearing the half itself; the half must be quiet. */
export function clearClicksInHalf(memory: SharedMemory, half: number): void {
  const name = half === 0 ? 'clicksInHalf0' : 'clicksInHalf1'
  for (let threadIndex = 0; threadIndex < memory.threadCount; threadIndex++)
    memory.f64[memory.threadNumberIndex(threadIndex, name)] = 0
}

export function sumOverThreads(memory: SharedMemory, name: keyof typeof THREAD_NUMBER): number {
  return threadNumbers(memory, name).reduce((sum, value) => sum + value, 0)
}

/** A number of each thread. */
export function threadNumbers(memory: SharedMemory, name: keyof typeof THREAD_NUMBER): number[] {
  return Array.from(
    { length: memory.threadCount },
    (_, threadIndex) => memory.f64[memory.threadNumberIndex(threadIndex, name)]!,
  )
}

/** Main's half of the books. */
export class ServiceBooks {
  readonly #memory: SharedMemory

  constructor(memory: SharedMemory) {
    this.#memory = memory
  }

  /**
   * A generation has left the ring and is in main's hands. `clicks` is what its slots held. Returns how many
   * clicks more the threads had booked into it: 0, unless the ring has lost some.
   */
  collected(generation: number, clicks: number): number {
    const booked = clicksInHalf(this.#memory, generation % HALF_COUNT)
    this.#change(() => {
      Atomics.store(this.#memory.i32, CONTROL.collectedGeneration, generation)
      this.#add('backlogClicks', clicks)
      // A thread that died within a tick has counted but not booked: those clicks will be stored, nobody
      // has acknowledged them, and accepted has to include them for the books to balance. The other way
      // round would be a loss: it is not smoothed over and stays visible as an imbalance.
      this.#add('collectedClicks', Math.max(booked, clicks))
    })
    return Math.max(0, booked - clicks)
  }

  /** Clicks have left the backlog, all but `lostClicks` of them into Postgres. */
  stored(clicks: number, lostClicks = 0): void {
    this.#change(() => {
      this.#add('backlogClicks', -clicks)
      this.#add('storedClicks', clicks - lostClicks)
      this.#add('lostClicks', lostClicks)
    })
  }

  /** Postgres does not have clicks any more that it had: these are in the backlog again, and those are lost. */
  wentBack(againClicks: number, lostClicks: number): void {
    this.#change(() => {
      this.#add('storedClicks', -againClicks - lostClicks)
      this.#add('backlogClicks', againClicks)
      this.#add('lostClicks', lostClicks)
    })
  }

  setBacklogIsFull(isFull: boolean): void {
    Atomics.store(this.#memory.i32, CONTROL.backlogIsFull, isFull ? 1 : 0)
  }

  set(name: keyof typeof NUMBER, value: number): void {
    this.#memory.f64[this.#memory.numberIndex(name)] = value
  }

  #add(name: keyof typeof NUMBER, by: number): void {
    this.#memory.f64[this.#memory.numberIndex(name)]! += by
  }

  /** Odd while the numbers change: a reader that saw it odd, or changed, reads again. */
  #change(change: () => void): void {
    Atomics.add(this.#memory.i32, CONTROL.booksVersion, 1)
    change()
    Atomics.add(this.#memory.i32, CONTROL.booksVersion, 1)
  }
}

export interface Balance {
  readonly accepted: number
  readonly stored: number
  readonly pending: number
  readonly lost: number
}

/** The books at one moment: looked at again when main changed something meanwhile. */
export function readBalance(memory: SharedMemory): Balance {
  for (;;) {
    const version = Atomics.load(memory.i32, CONTROL.booksVersion)
    const inRing = clicksInRing(memory)
    const balance = {
      accepted: readNumber(memory, 'collectedClicks') + inRing,
      stored: readNumber(memory, 'storedClicks'),
      pending: readNumber(memory, 'backlogClicks') + inRing,
      lost: readNumber(memory, 'lostClicks'),
    }
    // An add of nothing instead of a load: on some processors the plain reads above could slip past a load.
    if (version % 2 === 0 && Atomics.add(memory.i32, CONTROL.booksVersion, 0) === version) return balance
  }
}

/** Clicks in the generations that main has not collected yet: no half of those is cleared before it has. */
export function clicksInRing(memory: SharedMemory): number {
  const generation = Atomics.load(memory.i32, CONTROL.generation)
  const collected = Atomics.load(memory.i32, CONTROL.collectedGeneration)
  let clicks = 0
  for (let uncollected = collected + 1; uncollected <= generation; uncollected++)
    clicks += clicksInHalf(memory, uncollected % HALF_COUNT)
  return clicks
}

export function readNumber(memory: SharedMemory, name: keyof typeof NUMBER): number {
  return memory.f64[memory.numberIndex(name)]!
}
