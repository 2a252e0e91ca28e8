import { parentPort, workerData } from 'node:worker_threads'
import { SharedMemory, type SharedMemoryHandle } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'

/** Enters a generation, says which, and stays there until it is ended. */
const { memory, threadIndex } = workerData as { memory: SharedMemoryHandle; threadIndex: number }
parentPort!.postMessage(new Generations(new SharedMemory(memory)).enter(threadIndex))
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
