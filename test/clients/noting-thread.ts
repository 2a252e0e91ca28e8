import { parentPort, workerData } from 'node:worker_threads'
import { DuplicateTable } from '../../lib/clients/duplicate-table.ts'
import { NOTES_PER_BUCKET } from '../../lib/memory/layout.ts'
import { SharedMemory, type SharedMemoryHandle } from '../../lib/memory/shared-memory.ts'
import { Barrier } from '../support/worker.ts'

export interface NotingThreadData {
  readonly memory: SharedMemoryHandle
  readonly barrier: Barrier['handle']
  /** One word: how often a thread has come to its next step. */
  readonly turns: SharedArrayBuffer
  /** Two bytes a round: whether the click of each thread was valid. */
  readonly results: SharedArrayBuffer
  /** 0 or 1. */
  readonly index: number
  readonly rounds: number
  /** i32 index of the bucket of the client and banner. */
  readonly bucket: number
  readonly nowMs: number
  readonly windowMs: number
}

export interface NotingResult {
  readonly valid: number
}

if (workerData !== null) run(workerData as NotingThreadData)

/**
 * Both threads note the same click in each round. In every second round one thread is a quantum later than the other
 * one, so that a note is over for it that the other one finds in force: they find different words free.
 */
function run(data: NotingThreadData): void {
  const memory = new SharedMemory(data.memory)
  const table = new DuplicateTable(memory, data.windowMs)
  const turns = new Int32Array(data.turns)
  const results = new Uint8Array(data.results)
  let passed = 0
  // Waiting awake: who is woken up comes too late to meet the other one.
  const meet = () => {
    Atomics.add(turns, 0, 1)
    passed += 2
    while (Atomics.load(turns, 0) < passed);
  }
  let valid = 0
  new Barrier(data.barrier).pass()
  for (let round = 0; round < data.rounds; round++) {
    if (data.index === 0) prepare(memory.i32, data, round % 2 === 1)
    meet()
    const isLater = round % 4 === 1 + 2 * data.index
    const atMs = data.nowMs + (data.windowMs * (isLater ? 64 : 63)) / 64
    const isValid = table.note({ high: 0x12345678, low: 0x0abcdef0 }, null, 1, atMs) >= 0
    if (isValid) valid++
    results[2 * round + data.index] = isValid ? 1 : 0
    meet()
  }
  parentPort!.postMessage({ valid } satisfies NotingResult)
}

/** Empties the bucket, but for a first note that is over in 64 quanta. */
function prepare(i32: Int32Array, { bucket, nowMs, windowMs }: NotingThreadData, hasOther: boolean): void {
  for (let index = bucket; index < bucket + NOTES_PER_BUCKET; index++) Atomics.store(i32, index, 0)
  if (hasOther) Atomics.store(i32, bucket, 0x777700 | (Math.floor((nowMs * 64) / windowMs) & 0xff))
}
