import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'
import { openPool } from '../db/connect.ts'
import { FlushAsker } from '../lib/flush/ask.ts'
import { ThreadBooks } from '../lib/health/books.ts'
import { closeListener, createListener, listen } from '../lib/http/listener.ts'
import { createHttpServer } from '../lib/http/server.ts'
import { Recorder } from '../lib/ingest/recorder.ts'
import type { FromRequestThread, RequestThreadData, ToRequestThread } from '../lib/messages.ts'
import { Generations } from '../lib/ring/generations.ts'
import { SharedMemory } from '../lib/ring/layout.ts'
import { Ring } from '../lib/ring/ring.ts'
import { version } from '../lib/version.ts'

/** A request thread: an HTTP server of its own on the port that all request threads share. */

const LOAD_INTERVAL_MS = 1000
const DELAY_RESOLUTION_MS = 20

const { config, database, memory: handle, threadIndex, port, reusePort } = workerData as RequestThreadData
const main = parentPort!
const now = Date.now
const memory = new SharedMemory(handle)
const ring = new Ring(memory)
const generations = new Generations(memory)
const books = new ThreadBooks(memory, threadIndex, now)
const asker = new FlushAsker(main)
const pool = openPool(database, `clickcounter request ${threadIndex}`, poolSize())
const recorder = new Recorder({
  threadIndex,
  ring,
  generations,
  books,
  now,
  askForRoom: generation => asker.ask(generation, 'collected'),
})
const listener = createListener(books)
await createHttpServer({
  listener,
  recorder,
  books,
  facts: { memory, ring, config, version },
  pool,
  flushBefore: () => asker.ask(generations.current, 'stored'),
  now,
})

main.on('message', (message: ToRequestThread) => {
  if (message.kind === 'flushed') asker.answered(message.askId, message.error)
  else void stop(message.graceMs)
})
const loadTimer = reportLoad()
await listen(listener, { host: config.server.host, port, reusePort })
main.postMessage({ kind: 'listening' } satisfies FromRequestThread)

/** All but the flush worker's connection, shared out evenly. */
function poolSize(): number {
  return Math.floor((config.database.maxOpenConnections - 1) / memory.threadCount)
}

/** The thread ends by itself when nothing is left to do. */
async function stop(graceMs: number): Promise<void> {
  await closeListener(listener, graceMs)
  clearInterval(loadTimer)
  await pool.end()
  main.close()
}

function reportLoad(): NodeJS.Timeout {
  const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS })
  delays.enable()
  let last = performance.eventLoopUtilization()
  return setInterval(() => {
    const current = performance.eventLoopUtilization()
    // It measures from one of its timers to the next, so the timer's own period is in every value.
    const delayMs = Math.max(0, delays.percentile(99) / 1e6 - DELAY_RESOLUTION_MS)
    books.load(performance.eventLoopUtilization(current, last).utilization, delayMs)
    last = current
    delays.reset()
  }, LOAD_INTERVAL_MS)
}
