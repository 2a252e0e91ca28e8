import os from 'node:os'
import { workerData } from 'node:worker_threads'
import type pg from 'pg'
import { connect, discard } from '../db/connection/connect.ts'
import { expectStillWritable, hostInUse, leaveIfSilent } from '../db/connection/hosts.ts'
import { findWeaknesses } from '../db/schema/durability.ts'
import { collect as collectGeneration } from '../lib/flush-worker/collect.ts'
import { storeItem } from '../lib/flush-worker/store.ts'
import { storeFailure } from '../lib/flush-worker/store-transaction.ts'
import { readGeneration } from '../lib/journal/files/batch-file.ts'
import { CONTROL } from '../lib/memory/layout.ts'
import { SharedMemory } from '../lib/memory/shared-memory.ts'
import type { CollectResult, FlushWorkerData, StoreResult, StoreTask } from '../lib/messages.ts'
import { Generations } from '../lib/ring/generations.ts'
import { Ring } from '../lib/ring/ring.ts'

/**
 * The flush worker's thread. It has two kinds of tasks, and at most one of each at a time. It keeps nothing
 * between two tasks but its connection.
 */

/** With this niceness, the thread gets a third of what a request thread gets where cores are scarce. */
const GIVEN_WAY_NICE = 5
const MAX_NICE = 19

/**
 * How often to look for weaknesses: while a connection lasts, settings may change, and
 * behind a pooler the server.
 */
const WEAKNESSES_INTERVAL_MS = 10_000

giveWay()

const data = workerData as FlushWorkerData
const memory = new SharedMemory(data.memory)
const ring = new Ring(memory)
const generations = new Generations(memory)
let client: pg.Client | null = null
let weaknessesFoundMs = Number.NEGATIVE_INFINITY

/** Takes the generation after `collectedGeneration` out of the ring. */
export function collect(collectedGeneration: number): Promise<CollectResult> {
  return collectGeneration(memory, ring, generations, collectedGeneration, generation =>
    readGeneration(data.journalDirectory, data.writer, generation),
  )
}

/** Tries to bring one item of the backlog into Postgres. */
export async function store(task: StoreTask): Promise<StoreResult> {
  const startedAtMs = performance.now()
  const result = await tryToStore(task)
  return { ...result, durationMs: performance.now() - startedAtMs }
}

async function tryToStore(task: StoreTask): Promise<Omit<StoreResult, 'durationMs'>> {
  let weaknesses: readonly string[] | null = null
  try {
    if (client === null) client = await connectClient()
    // Also before a ping: a database that has been given up would seem to be in order, and what is kept for the one
    // that took its place would go.
    else await expectStillWritable(client, data.database)
    const host = hostInUse(data.database)
    weaknesses = await lookForWeaknesses(client)
    const outcome = await storeItem(client, task, data)
    // Another database answers. The next connection may lead to the right one.
    if (outcome.kind === 'elsewhere') disconnect()
    return { outcome, weaknesses, ...(host === null ? {} : { host }) }
  } catch (error) {
    // The state of this connection is unknown now. The next try takes a fresh one.
    disconnect()
    const outcome = storeFailure(error, data.database)
    // After the failure, which tells of the host that is left.
    leaveIfSilent(data.database, error)
    return { outcome, weaknesses }
  }
}

function disconnect(): void {
  if (client !== null) discard(client)
  client = null
}

/** Looks at each new connection, and then every WEAKNESSES_INTERVAL_MS. null: it was not time. */
async function lookForWeaknesses(client: pg.Client): Promise<readonly string[] | null> {
  if (performance.now() - weaknessesFoundMs < WEAKNESSES_INTERVAL_MS) return null
  const weaknesses = await findWeaknesses(client)
  weaknessesFoundMs = performance.now()
  return weaknesses
}

async function connectClient(): Promise<pg.Client> {
  const connected = await connect(data.database, 'clickcounter flush')
  weaknessesFoundMs = Number.NEGATIVE_INFINITY
  // Counts the answers, so that main sees that a long store gets on.
  connected.on('drain', () => void Atomics.add(memory.i32, CONTROL.databaseAnswers, 1))
  connected.on('error', () => {
    if (client === connected) client = null
  })
  return connected
}

function giveWay(): void {
  // Only Linux has a priority for each thread. Elsewhere it would be that of the whole process.
  if (process.platform !== 'linux') return
  try {
    os.setPriority(Math.min(os.getPriority() + GIVEN_WAY_NICE, MAX_NICE))
  } catch {
    // A sandbox may forbid it. Clicks are stored all the same.
  }
}
