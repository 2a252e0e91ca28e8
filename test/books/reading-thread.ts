import { parentPort, workerData } from 'node:worker_threads'
import { type Balance, readBalance } from '../../lib/books/balance.ts'
import { SharedMemory, type SharedMemoryHandle } from '../../lib/memory/shared-memory.ts'
import { Barrier } from '../support/worker.ts'

/** Reads the books, one look after the other. */
export interface ReadingThreadData {
  readonly memory: SharedMemoryHandle
  readonly barrier: Barrier['handle']
  readonly looks: number
}

/** The first look at which they did not balance, or accepted or stored had become less, and the one before. */
export type ReadingThreadResult = readonly Balance[] | null

const data = workerData as ReadingThreadData
const memory = new SharedMemory(data.memory)
new Barrier(data.barrier).pass()
parentPort!.postMessage(read())

function read(): ReadingThreadResult {
  let last: Balance = { accepted: 0, stored: 0, pending: 0, lost: 0 }
  for (let look = 0; look < data.looks; look++) {
    const balance = readBalance(memory)
    const isBalanced = balance.accepted === balance.stored + balance.pending
    if (!isBalanced || balance.accepted < last.accepted || balance.stored < last.stored)
      return [last, balance]
    last = balance
  }
  return null
}
