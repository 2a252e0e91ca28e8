import { parentPort, workerData } from 'node:worker_threads'
import { ThreadBooks } from '../../lib/books/thread-books.ts'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory, type SharedMemoryHandle } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Ring } from '../../lib/ring/ring.ts'
import { VALID } from '../../lib/rows/classes.ts'
import { Barrier } from '../support/worker.ts'

/** Counts and books ticks of 1, 2, 3, 1, … clicks until it is told to stop, or waits for its end before it books. */
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
let clicks = 0
new Barrier(data.barrier).pass()
for (let tick = 0; Atomics.load(stop, 0) === 0; tick++) {
  const generation = generations.enter(data.threadIndex)
  const tickClicks = 1 + (tick % 3)
  ring.add(generation % HALF_COUNT, 28_900_000, 7, VALID, tickClicks)
  if (data.diesBeforeBooking) {
    parentPort!.postMessage(tickClicks)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  }
  books.accept(generation % HALF_COUNT, [tickClicks, 0, 0])
  clicks += tickClicks
  generations.leave(data.threadIndex, generation)
}
parentPort!.postMessage(clicks)
