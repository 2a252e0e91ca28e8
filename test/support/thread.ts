import type { AddressInfo } from 'node:net'
import { openPool } from '../../db/connect.ts'
import { readConfig } from '../../lib/config/read.ts'
import { Flusher } from '../../lib/flush/flusher.ts'
import { startFlushWorker } from '../../lib/flush/pool.ts'
import { FlushReport } from '../../lib/flush/report.ts'
import { readBalance, ServiceBooks, ThreadBooks } from '../../lib/health/books.ts'
import { closeListener, createListener, listen } from '../../lib/http/listener.ts'
import { createHttpServer } from '../../lib/http/server.ts'
import { Recorder } from '../../lib/ingest/recorder.ts'
import { createLog } from '../../lib/log.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { CONTROL, SERVICE_SERVING, SharedMemory } from '../../lib/ring/layout.ts'
import { Ring } from '../../lib/ring/ring.ts'
import type { TestDatabase } from './database.ts'

/**
 * One request thread in this process, its clock in the test's hands, and the real flush worker beside it.
 * `intervalMs` is long: flushes come when a test, or an answer, asks for one.
 */
export async function startTestThread(database: TestDatabase, options: { maxBanners?: number } = {}) {
  const clock = { nowMs: Date.parse('2024-12-12T10:00:30Z') }
  const now = () => clock.nowMs
  const { config } = readConfig({
    env: { CLICKCOUNTER_DATABASE_URL: database.url },
    cwd: process.cwd(),
    cores: 1,
  })
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: options.maxBanners ?? 1024 })
  const ring = new Ring(memory)
  const generations = new Generations(memory)
  const serviceBooks = new ServiceBooks(memory)
  serviceBooks.set('startedAtMs', now())
  const worker = startFlushWorker({
    memory: memory.handle,
    database: database.server,
    writer: crypto.randomUUID(),
    batchRows: 2000,
  })
  const flusher = new Flusher({
    memory,
    books: serviceBooks,
    report: new FlushReport(memory, serviceBooks, createLog('silent', 'test')),
    run: worker.run,
    intervalMs: 3_600_000,
    maxBacklogBytes: 2 ** 30,
  })
  flusher.start()
  flusher.allowStoring()
  const books = new ThreadBooks(memory, 0, now)
  const pool = openPool(database.server, 'clickcounter test', 2)
  const recorder = new Recorder({
    threadIndex: 0,
    ring,
    generations,
    books,
    now,
    askForRoom: generation => flusher.ask(generation, 'collected'),
  })
  const flush = () => flusher.ask(generations.current, 'stored')
  const listener = createListener(books)
  await createHttpServer({
    listener,
    recorder,
    books,
    facts: { memory, ring, config, version: 'test' },
    pool,
    flushBefore: flush,
    now,
  })
  await listen(listener, { host: '127.0.0.1', port: 0, reusePort: false })
  Atomics.store(memory.i32, CONTROL.serviceState, SERVICE_SERVING)
  const { port } = listener.address() as AddressInfo
  return {
    clock,
    memory,
    ring,
    generations,
    recorder,
    port,
    url: `http://127.0.0.1:${port}`,
    /** Stores everything accepted so far. */
    flush,
    balance: () => readBalance(memory),
    async stop() {
      await closeListener(listener, 0)
      await flusher.drain(AbortSignal.timeout(5000))
      await pool.end()
      await worker.close()
    },
  }
}

export type TestThread = Awaited<ReturnType<typeof startTestThread>>
