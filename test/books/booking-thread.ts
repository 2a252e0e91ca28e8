import { parentPort, workerData } from 'node:worker_threads'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory, type SharedMemoryHandle } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { type ByClass, CLICK_CLASSES, NO_CLICKS, plus } from '../../lib/rows/classes.ts'
import { Barrier } from '../support/worker.ts'

/** Counts and books ticks with clicks of one to three classes until it is told to stop, or waits for its end before it books. */
export interface BookingThreadData {
  readonly memory: SharedMemoryHandle
  readonly threadIndex: number
  readonly barrier: Barrier['handle']
  /** One word: 1 to stop. */
  readonly stop: SharedArrayBuffer
  readonly diesBeforeBooking: boolean
}

const data = workerData as BookingThreadData
const memory = new SharedMemory(data.memory)
const ring = new Ring(memory)
const generations = new Generations(memory)
const books = new ThreadBooks(memory, data.threadIndex, Date.now)
const stop = new Int32Array(data.stop)
let clicks = NO_CLICKS
new Barrier(data.barrier).pass()
for (let tick = 0; Atomics.load(stop, 0) === 0; tick++) {
  const generation = generations.enter(data.threadIndex)
  const tickClicks: ByClass<number> = [1 + (tick % 3), tick % 2, (tick % 5) * 2]
  for (const clickClass of CLICK_CLASSES)
    if (tickClicks[clickClass] > 0)
      ring.add(generation % HALF_COUNT, 28_900_000, 7, clickClass, tickClicks[clickClass])
  if (data.diesBeforeBooking) {
    parentPort!.postMessage(tickClicks)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  }
  books.accept(generation % HALF_COUNT, tickClicks)
  clicks = plus(clicks, tickClicks)
  generations.leave(data.threadIndex, generation)
}
parentPort!.postMessage(clicks)
