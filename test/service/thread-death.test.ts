import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { readConfig } from '../../lib/config/read.ts'
import { createLog, standardOutput } from '../../lib/log/log.ts'
import { keepHeapsLevel } from '../../lib/service/heap.ts'
import { type Service, startService } from '../../lib/service/service.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { expectBooksIn, type Health, health } from '../support/health.ts'
import { expectNoLess, scrape } from '../support/metrics.ts'
import { BROWSER, CLASSES, CRAWLER, environmentOf } from '../support/settings.ts'

describe('a thread that dies', () => {
  let database: TestDatabase
  let dataDir: string
  let service: Service
  /** Every thread started since the service was. */
  const workers: Worker[] = []
  const onWorker = (worker: Worker) => workers.push(worker)

  beforeEach(async () => {
    database = await createTestDatabase()
    dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-threads-'))
    workers.length = 0
    process.on('worker', onWorker)
    const env = {
      CLICKCOUNTER_SERVER_HOST: '127.0.0.1',
      CLICKCOUNTER_SERVER_PORT: '0',
      CLICKCOUNTER_SERVER_THREADS: '2',
      CLICKCOUNTER_CLICK_FLUSHER_INTERVAL: '0.1',
      CLICKCOUNTER_DATABASE_URL: database.url,
      CLICKCOUNTER_DATA_DIR: dataDir,
      ...environmentOf(CLASSES),
    }
    const { config } = readConfig({ env, cwd: '/', cores: 2 })
    service = await startService(config, createLog('silent'), standardOutput())
  })
  afterEach(async () => {
    process.off('worker', onWorker)
    await service.stop(AbortSignal.timeout(5000))
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('is a request thread: another takes its place, the rest serve on, the books balance', async () => {
    let acknowledged = 0
    let scraped = await scrape(service.url)
    // Without the newest, which is made once more when a timer comes early in its second.
    const firstSamples = (await untilHistory(service.url, 2)).slice(0, -1)
    for (let round = 0; round < 5; round++) {
      const clicking = clickFor(service.url, 300)
      const dying = threadsNamed('request')[round % 2]!
      const restarted = startOf(dying.threadName)
      await dying.terminate()
      expect((await restarted).resourceLimits).to.include(keepHeapsLevel())
      acknowledged += await clicking
      const samples = await scrape(service.url)
      expectNoLess(samples, scraped)
      scraped = samples
    }
    const samples = await untilHistory(service.url, firstSamples.length + 1)
    expect(samples.slice(0, firstSamples.length)).to.deep.equal(firstSamples)
    const clicks = await settledClicks(service)
    expect(clicks.accepted).to.be.at.least(acknowledged)
    expect(clicks.accepted).to.equal(clicks.stored)
    await expectBooksIn(database, service)
  })

  it('is the flush worker: no click is lost and none is counted twice', async () => {
    let acknowledged = 0
    for (let round = 0; round < 10; round++) {
      const clicking = clickFor(service.url, 200)
      await (await flushWorker()).terminate()
      acknowledged += await clicking
    }
    const clicks = await settledClicks(service)
    expect(clicks.accepted).to.equal(acknowledged)
    expect(clicks.stored).to.equal(acknowledged)
    await expectBooksIn(database, service)
  })

  function threadsNamed(name: string): Worker[] {
    return workers.filter(worker => worker.threadId > 0 && worker.threadName?.startsWith(name))
  }

  /** The one that lives, or the next one when it has just died. Piscina gives its threads names of its own. */
  async function flushWorker(): Promise<Worker> {
    for (;;) {
      const isFlushWorker = ({ threadId, threadName }: Worker) =>
        threadId > 0 && !threadName?.startsWith('request')
      const living = workers.find(isFlushWorker)
      if (living !== undefined) return living
      await once(process, 'worker')
    }
  }

  function startOf(threadName: string | null): Promise<Worker> {
    return new Promise(resolve => {
      const look = (worker: Worker) => {
        if (worker.threadName !== threadName) return
        process.off('worker', look)
        worker.once('message', () => resolve(worker))
      }
      process.on('worker', look)
    })
  }
})

/** Clicks of a bot, and of somebody who clicks again and again, on new connections for a while; resolves with how many were acknowledged. */
async function clickFor(url: string, durationMs: number): Promise<number> {
  const endMs = performance.now() + durationMs
  let acknowledged = 0
  while (performance.now() < endMs) {
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, nth) =>
        fetch(`${url}/counter/${1 + nth}`, {
          headers: { connection: 'close', 'user-agent': nth < 2 ? CRAWLER : BROWSER },
        }),
      ),
    )
    acknowledged += answers.filter(
      answer => answer.status === 'fulfilled' && answer.value.status === 204,
    ).length
  }
  return acknowledged
}

/** The stored clicks of the last 15 minutes, second by second, as soon as there are so many. */
async function untilHistory(url: string, seconds: number): Promise<(number | null)[]> {
  for (;;) {
    const { samples } = (await (await fetch(`${url}/health/history`)).json()) as {
      samples: { stored: (number | null)[] }
    }
    if (samples.stored.length >= seconds) return samples.stored
    await delay(20)
  }
}

/** The clicks on /health as soon as none is pending. The books balance in every answer until then. */
async function settledClicks(service: Pick<Service, 'url'>): Promise<Health['clicks']> {
  for (;;) {
    const { clicks } = await health(service)
    if (clicks.pending === 0) return clicks
  }
}
