import { expect } from 'chai'
import { clearClicksInHalf } from '../../lib/books/balance.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { collect, type ReadJournaled } from '../../lib/flush-worker/collect.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { type ByClass, CLICK_CLASSES, NO_CLICKS } from '../../lib/rows/classes.ts'
import { readBalance, readBalancesOf } from '../support/balance.ts'
import { unreadable } from '../support/reading.ts'
import { settledAs } from '../support/settled.ts'
import { within } from '../support/worker.ts'

const MINUTE = 28_900_000
const COLLECT_TIMEOUT_MS = 5000

/** Request threads and main, all in this thread, one step at a time. */
export function newService(threadCount = 2) {
  const memory = SharedMemory.create({ threadCount, maxBanners: 10 })
  const ring = new Ring(memory)
  const generations = new Generations(memory)
  const books = new ServiceBooks(memory)
  const threads = Array.from({ length: threadCount }, (_, index) => new ThreadBooks(memory, index, Date.now))
  let collectedGeneration = 0
  return {
    memory,
    generations,
    books,
    threads,
    balance: () => readBalance(memory),
    balances: () => readBalancesOf(memory),
    /** A tick of one thread: clicks of the banner that bears its number. */
    click(threadIndex: number, valid: number, bots = 0, duplicates = 0) {
      const generation = generations.enter(threadIndex)
      this.count(threadIndex, [valid, bots, duplicates])
      threads[threadIndex]!.accept(generation % HALF_COUNT, [valid, bots, duplicates])
      generations.leave(threadIndex, generation)
    },
    /** The first half of a tick: the ring has its clicks, the books have not. */
    count(threadIndex: number, clicks: ByClass<number>) {
      for (const clickClass of CLICK_CLASSES)
        if (clicks[clickClass] > 0)
          ring.add(generations.current % HALF_COUNT, MINUTE, threadIndex + 1, clickClass, clicks[clickClass])
    },
    /** Flips to the generation, as the flush worker does. */
    next(generation: number) {
      clearClicksInHalf(memory, generation % HALF_COUNT)
      ring.clear(generation % HALF_COUNT)
      generations.flip(generation - 1)
    },
    /** What the flush worker and then main do with the next generation. */
    async collect(readJournaled: ReadJournaled = unreadable) {
      const waitingFor = `generation ${collectedGeneration + 1}`
      const collecting = collect(memory, ring, generations, collectedGeneration, readJournaled)
      const { batch } = await within(COLLECT_TIMEOUT_MS, waitingFor, collecting)
      const lostClicks = books.collected(batch.generation, batch.totals)
      collectedGeneration = batch.generation
      return { clicks: batch.totals, lostClicks }
    },
    /** Collects and stores, and expects every click to be there. */
    async flush() {
      const { clicks, lostClicks } = await this.collect()
      expect(lostClicks, `lost in generation ${collectedGeneration}`).to.deep.equal(NO_CLICKS)
      books.settled(settledAs(clicks))
    },
  }
}

export type Service = ReturnType<typeof newService>
