import { CONTROL, HALF_COUNT, type NUMBER, type THREAD_NUMBER } from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'

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
