import { parentPort, workerData } from 'node:worker_threads'
import { HALF_COUNT } from '../../lib/memory/layout.ts'
import { SharedMemory, type SharedMemoryHandle } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { Barrier } from '../support/worker.ts'

/**
 * Enters and leaves as fast as it can until a generation is reached, and looks while it is inside whose its
 * half is: the generation it entered, or the flusher's, who puts 0 there after it has waited for quiet.
 */
export interface EnteringThreadData {
  readonly memory: SharedMemoryHandle
  readonly threadIndex: number
  readonly barrier: Barrier['handle']
  /** One word a half. */
  readonly owners: SharedArrayBuffer
  readonly untilGeneration: number
}

export interface EnteringThreadResult {
  readonly entered: number
  readonly inForeignHalf: number
}

const LOOKS = 4
const data = workerData as EnteringThreadData
const generations = new Generations(new SharedMemory(data.memory))
const owners = new Int32Array(data.owners)
let entered = 0
let inForeignHalf = 0
new Barrier(data.barrier).pass()
for (let generation = 0; generation < data.untilGeneration; entered++) {
  generation = generations.enter(data.threadIndex)
  for (let look = 0; look < LOOKS; look++)
    if (Atomics.load(owners, generation % HALF_COUNT) !== generation) inForeignHalf++
  generations.leave(data.threadIndex, generation)
}
parentPort!.postMessage({ entered, inForeignHalf } satisfies EnteringThreadResult)
