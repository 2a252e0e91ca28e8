import {
  CLICKS_IN_HALF,
  CONTROL,
  HALF_COUNT,
  KEYED_BULK_USE,
  KEYED_IN_HALF,
  type NUMBER,
  SERVICE_CLICKS,
  type THREAD_NUMBER,
} from '../memory/layout.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { type ByClass, byClass, NO_CLICKS, plus } from '../rows/classes.ts'

/**
 * The books: at any moment accepted = stored + pending + repeated + lost, for the clicks of each class, and so for all
 * of them. Clicks that were not taken are counted under their reason.
 *
 *   accepted = collected + in the ring
 *   pending  = backlog   + in the ring
 *
 * The clicks of keyed bulks are never in the ring, and are booked as if they were. `repeated` are those whose bulk was
 * counted with another delivery. When a flush finds that a bulk's key came with other content, its clicks are not
 * accepted any more: they leave `collected`, and are counted as refused, under `conflicts`.
 *
 * Each request thread books what it acknowledges, by half of the ring (thread-books.ts). When a half is
 * collected, main adds what the threads had booked into it to `collected`. What its slots held goes to
 * the backlog, and later from there to stored (service-books.ts). So a click that the ring loses stays
 * visible as a difference.
 *
 * A thread has one number for each class, and gross is their sum: no two of its numbers say the same thing. A
 * reading that comes between two classes of a tick sees fewer clicks of one class. It adds what it sees to accepted
 * and to pending alike, so the books balance, and nobody has an answer for the tick yet. When a thread dies
 * between two classes, its generation is taken from the journal, where the whole tick is, and the books gain the
 * missing classes with the batch (service-books.ts).
 *
 * Clicks that were put aside stay pending: somebody else has taken their place in the ledger, or their key may have been
 * forgotten.
 */
export interface Balance {
  readonly accepted: number
  readonly stored: number
  readonly pending: number
  readonly repeated: number
  readonly lost: number
  /** Accepted at first, then refused. They are in none of the others. */
  readonly conflicts: number
}

/** The books of each class at one moment: reads again when main has changed something meanwhile. */
export function readBalances(memory: SharedMemory): ByClass<Balance> {
  for (;;) {
    const version = Atomics.load(memory.i32, CONTROL.booksVersion)
    const inRing = clicksInRing(memory)
    const accepted = plus(readClicks(memory, 'collected'), inRing)
    const stored = readClicks(memory, 'stored')
    const pending = plus(readClicks(memory, 'backlog'), inRing)
    const repeated = readClicks(memory, 'repeated')
    const lost = readClicks(memory, 'lost')
    const conflicts = readClicks(memory, 'conflicts')
    // The version is read again after the numbers, and with an add of nothing: on some processors the plain
    // reads above could slip past a load. A change between the two would be missed.
    if (version % 2 === 0 && Atomics.add(memory.i32, CONTROL.booksVersion, 0) === version)
      return byClass(of => ({
        accepted: accepted[of],
        stored: stored[of],
        pending: pending[of],
        repeated: repeated[of],
        lost: lost[of],
        conflicts: conflicts[of],
      }))
  }
}

/** The books of all classes. */
export function grossBalance(balances: ByClass<Balance>): Balance {
  const sumOf = (name: keyof Balance) => balances.reduce((sum, balance) => sum + balance[name], 0)
  return {
    accepted: sumOf('accepted'),
    stored: sumOf('stored'),
    pending: sumOf('pending'),
    repeated: sumOf('repeated'),
    lost: sumOf('lost'),
    conflicts: sumOf('conflicts'),
  }
}

/** Clicks in the generations that main has not collected yet. Their halves are cleared only after that. */
export function clicksInRing(memory: SharedMemory): ByClass<number> {
  const generation = Atomics.load(memory.i32, CONTROL.generation)
  const collected = Atomics.load(memory.i32, CONTROL.collectedGeneration)
  let clicks = NO_CLICKS
  for (let uncollected = collected + 1; uncollected <= generation; uncollected++)
    clicks = plus(clicks, clicksInHalf(memory, uncollected % HALF_COUNT))
  return clicks
}

export function readNumber(memory: SharedMemory, name: keyof typeof NUMBER): number {
  return memory.f64[memory.numberIndex(name)]!
}

/** What main has booked. */
export function readClicks(memory: SharedMemory, name: keyof typeof SERVICE_CLICKS): ByClass<number> {
  return byClass(clickClass => readNumber(memory, SERVICE_CLICKS[name][clickClass]))
}

/** Clicks that the threads have booked into a half since it was last cleared. */
export function clicksInHalf(memory: SharedMemory, half: number): ByClass<number> {
  return byClass(clickClass => sumOverThreads(memory, CLICKS_IN_HALF[half]![clickClass]))
}

/**
 * Pairs of the keyed bulks that the threads have journaled and booked in a half's generation. None of them is in the ring:
 * 0 says that the generation's files need not be read.
 */
export function keyedPairsInHalf(memory: SharedMemory, half: number): number {
  return sumOverThreads(memory, KEYED_IN_HALF[half]!.pairs)
}

/** What the keyed bulks in a half's generation take of MAX_KEYED_USE. */
export function keyedUseOfHalf(memory: SharedMemory, half: number): number {
  return keyedPairsInHalf(memory, half) + KEYED_BULK_USE * sumOverThreads(memory, KEYED_IN_HALF[half]!.bulks)
}

/** Goes together with clearing the half itself, which must be quiet. */
export function clearClicksInHalf(memory: SharedMemory, half: number): void {
  for (let threadIndex = 0; threadIndex < memory.threadCount; threadIndex++)
    for (const name of [...CLICKS_IN_HALF[half]!, ...Object.values(KEYED_IN_HALF[half]!)])
      memory.f64[memory.threadNumberIndex(threadIndex, name)] = 0
}

export function sumOverThreads(memory: SharedMemory, name: keyof typeof THREAD_NUMBER): number {
  return threadNumbers(memory, name).reduce((sum, value) => sum + value, 0)
}

/** One number of each thread. */
export function threadNumbers(memory: SharedMemory, name: keyof typeof THREAD_NUMBER): number[] {
  return Array.from(
    { length: memory.threadCount },
    (_, threadIndex) => memory.f64[memory.threadNumberIndex(threadIndex, name)]!,
  )
}
