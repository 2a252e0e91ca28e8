import { keyedUseOfHalf } from '../../lib/books/balance.ts'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { Recorder } from '../../lib/ingest/recorder.ts'
import type { Segment } from '../../lib/journal/append/segment.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import type { RegisteredBanners } from '../ring/model.ts'
import { noSegment } from '../support/no-journal.ts'
import { rowsOf } from '../support/rows.ts'

/** Where the clock stands at first. */
export const MINUTE = 28_900_000

/** A recorder whose asks for room are the test's to settle. */
export function newRecorder(
  options: {
    maxBanners?: number
    duplicateWindowMs?: number
    clientClicksPerMinute?: number
    registered?: RegisteredBanners
    journal?: Segment
    isBacklogFull?: () => boolean
    maxTickRequests?: number
  } = {},
) {
  const { maxBanners = 100, duplicateWindowMs = 0, clientClicksPerMinute = 0 } = options
  const memory = SharedMemory.create({ threadCount: 1, maxBanners, duplicateWindowMs, clientClicksPerMinute })
  const clock = { nowMs: MINUTE * 60_000 }
  const now = () => clock.nowMs
  const ring = new Ring(memory, options.registered)
  const generations = new Generations(memory)
  const asks: (PromiseWithResolvers<void> & { generation: number })[] = []
  const askForRoom = (generation: number) => {
    const ask = { ...Promise.withResolvers<void>(), generation }
    asks.push(ask)
    return ask.promise
  }
  const books = new ThreadBooks(memory, 0, now)
  const recorder = new Recorder({
    threadIndex: 0,
    ring,
    generations,
    books,
    journal: options.journal ?? noSegment,
    keyedUseOfHalf: half => keyedUseOfHalf(memory, half),
    isBacklogFull: options.isBacklogFull ?? (() => false),
    maxTickRequests: options.maxTickRequests ?? Number.POSITIVE_INFINITY,
    now,
    askForRoom,
  })
  const rows = (generation: number) => rowsOf(ring.rows(generation % HALF_COUNT))
  return { memory, ring, generations, recorder, clock, asks, rows }
}
