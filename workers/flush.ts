import { workerData } from 'node:worker_threads'
import type pg from 'pg'
import { connect, discard } from '../db/connect.ts'
import type { BacklogItem } from '../lib/flush/backlog.ts'
import { collect } from '../lib/flush/collect.ts'
import { flushFailure, storeItem } from '../lib/flush/store.ts'
import type { FlushResult, FlushTask, FlushWorkerData } from '../lib/messages.ts'
import { Generations } from '../lib/ring/generations.ts'
import { SharedMemory } from '../lib/ring/layout.ts'
import { Ring } from '../lib/ring/ring.ts'

/** The flush worker's thread: one task a flush. It keeps nothing between two tasks but its connection. */

const data = workerData as FlushWorkerData
const memory = new SharedMemory(data.memory)
const ring = new Ring(memory)
const generations = new Generations(memory)
let client: pg.Client | null = null

export default async function flush(task: FlushTask): Promise<FlushResult> {
  const startedAt = performance.now()
  const collected =
    task.collectAfter === null ? null : await collect(memory, ring, generations, task.collectAfter)
  const outcome = task.isStoring ? await store(task.frozen ?? collected) : { error: null, stored: null }
  return {
    collected,
    isStored: task.isStoring && outcome.error === null,
    ...outcome,
    durationMs: performance.now() - startedAt,
  }
}

async function store(item: BacklogItem | null): Promise<Pick<FlushResult, 'error' | 'stored'>> {
  try {
    client ??= await connectClient()
    return { error: null, stored: await storeItem(client, item, data) }
  } catch (error) {
    // Whatever went wrong, this connection's state is unknown: the next try takes a fresh one.
    if (client !== null) discard(client)
    client = null
    return { error: flushFailure(error), stored: null }
  }
}

async function connectClient(): Promise<pg.Client> {
  const connected = await connect(data.database, 'clickcounter flush')
  connected.on('error', () => {
    if (client === connected) client = null
  })
  return connected
}
