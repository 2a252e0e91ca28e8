import { parentPort, workerData } from 'node:worker_threads'
import { ClickLimits } from '../../lib/clients/click-limits.ts'
import type { ClientKey } from '../../lib/clients/client-key.ts'
import { SharedMemory, type SharedMemoryHandle } from '../../lib/memory/shared-memory.ts'
import { Barrier } from '../support/worker.ts'

export interface AdmittedThreadData {
  readonly memory: SharedMemoryHandle
  readonly barrier: Barrier['handle']
  readonly clicksPerMinute: number
  readonly key: ClientKey
  readonly nowMs: number
}

if (workerData !== null) run(workerData as AdmittedThreadData)

/** Sends clicks of one client, one by one, until one is refused. Posts how many were admitted. */
function run({ memory, barrier, clicksPerMinute, key, nowMs }: AdmittedThreadData): void {
  const limits = new ClickLimits(new SharedMemory(memory), clicksPerMinute)
  let admitted = 0
  new Barrier(barrier).pass()
  while (limits.admit(key, 1, nowMs) === 0) admitted++
  parentPort!.postMessage(admitted)
}
