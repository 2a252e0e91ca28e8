import { workerData } from 'node:worker_threads'
import { SharedMemory, type SharedMemoryHandle } from '../../lib/memory/shared-memory.ts'
import { writeText } from '../../lib/memory/shared-text.ts'
import { Barrier } from '../support/worker.ts'

/** Writes the texts in turn until it is ended. */
const { memory, barrier, texts } = workerData as {
  memory: SharedMemoryHandle
  barrier: Barrier['handle']
  texts: string[]
}
const shared = new SharedMemory(memory)
writeText(shared, 'flushLastError', texts[0]!)
new Barrier(barrier).pass()
for (;;) for (const text of texts) writeText(shared, 'flushLastError', text)
