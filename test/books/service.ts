import { expect } from 'chai'
import { clearClicksInHalf, readBalance } from '../../lib/books/balance.ts'
import { ServiceBooks } from '../../lib/books/service-books.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { collect } from '../../lib/flush-worker/collect.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { VALID } from '../../lib/rows/classes.ts'
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
    /** A tick of one thread: clicks of the banner that bears its number. */
    click(threadIndex: number, clicks: number) {
      const generation = generations.enter(threadIndex)
      ring.add(generation % HALF_COUNT, MINUTE, threadIndex + 1, VALID, clicks)
      threads[threadIndex]!.accept(generation % HALF_COUNT, [clicks, 0, 0])
      generations.leave(threadIndex, generation)
    },
    /** Flips to the generation, as the flush worker does. */
    next(generation: number) {
      clearClicksInHalf(memory, generation % HALF_COUNT)
      ring.clear(generation % HALF_COUNT)
      generations.flip(generation - 1)
    },
    /** What the flush worker and then main do with the next generation. */
    async collect() {
      const waitingFor = `generation ${collectedGeneration + 1}`
      const collecting = collect(memory, ring, generations, collectedGeneration, () => null)
      const { batch } = await within(COLLECT_TIMEOUT_MS, waitingFor, collecting)
      const lostClicks = books.collected(batch.generation, batch.totalClicks)
      collectedGeneration = batch.generation
      return { clicks: batch.totalClicks, lostClicks }
    },
    /** Collects and stores, and expects every click to be there. */
    async flush() {
      const { clicks, lostClicks } = await this.collect()
      expect(lostClicks, `lost in generation ${collectedGeneration}`).to.equal(0)
      books.stored(clicks)
    },
  }
}

export type Service = ReturnType<typeof newService>
