import { parentPort, workerData } from 'node:worker_threads'
import { type Balance, readBalances } from '../../lib/books/balance.ts'
import { SharedMemory, type SharedMemoryHandle } from '../../lib/memory/shared-memory.ts'
import { type ByClass, byClass, CLICK_CLASSES } from '../../lib/rows/classes.ts'
import { Barrier } from '../support/worker.ts'

/** Reads the books, one look after the other. */
export interface ReadingThreadData {
  readonly memory: SharedMemoryHandle
  readonly barrier: Barrier['handle']
  readonly looks: number
}

/** The first look at which they did not balance, or accepted or stored had become less, and the one before. */
export type ReadingThreadResult = readonly ByClass<Balance>[] | null

const data = workerData as ReadingThreadData
const memory = new SharedMemory(data.memory)
new Barrier(data.barrier).pass()
parentPort!.postMessage(read())

function read(): ReadingThreadResult {
  let last = byClass(
    (): Balance => ({ accepted: 0, stored: 0, pending: 0, repeated: 0, lost: 0, conflicts: 0 }),
  )
  for (let look = 0; look < data.looks; look++) {
    const balances = readBalances(memory)
    if (CLICK_CLASSES.some(of => isWrong(balances[of], last[of]))) return [last, balances]
    last = balances
  }
  return null
}

function isWrong({ accepted, stored, pending }: Balance, last: Balance): boolean {
  return accepted !== stored + pending || accepted < last.accepted || stored < last.stored
}
