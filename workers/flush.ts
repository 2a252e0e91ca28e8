import { workerData } from 'node:worker_threads'
import type pg from 'pg'
import { connect, discard } from '../db/connect.ts'
import type { Batch } from '../lib/flush/batch.ts'
import { collect } from '../lib/flush/collect.ts'
import { flushFailure, storeBatch } from '../lib/flush/store.ts'
import type { FlushFailure, FlushResult, FlushTask, FlushWorkerData } from '../lib/messages.ts'
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
  const error = task.isStoring ? await store(task.frozen ?? collected) : null
  return {
    collected,
    isStored: task.isStoring && error === null,
    error,
    durationMs: performance.now() - startedAt,
  }
}

/** Without anything to store it finds out whether Postgres is there. */
async function store(batch: Batch | null): Promise<FlushFailure | null> {
  try {
    client ??= await connectClient()
    if (batch === null || batch.totalClicks === 0) await client.query('SELECT 1')
    else await storeBatch(client, data.writer, batch, data.batchRows)
    return null
  } catch (error) {
    // Whatever went wrong, this connection's state is unknown: the next try takes a fresh one.
    if (client !== null) discard(client)
    client = null
    return flushFailure(error)
  }
}

async function connectClient(): Promise<pg.Client> {
  const connected = await connect(data.database, 'clickcounter flush')
  connected.on('error', () => {
    if (client === connected) client = null
  })
  return connected
}
