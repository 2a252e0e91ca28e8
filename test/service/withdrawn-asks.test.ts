import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { readConfig } from '../../lib/config/read.ts'
import type { Flusher } from '../../lib/flush/flusher.ts'
import { OpenAsks } from '../../lib/flush/open-asks.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import type { FromRequestThread } from '../../lib/messages.ts'
import { FlushAsker } from '../../lib/request-thread/flush-asker.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { ThreadSupervisor } from '../../lib/service/thread-supervisor.ts'
import { chooseFreePort } from '../support/free-port.ts'
import { NO_KEYS } from '../support/keys.ts'
import { until } from '../support/until.ts'

const QUESTIONS = 5

describe('a flush that nobody waits for any more', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clickcounter-asks-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  it('is withdrawn at main when the clients have gone, and when their thread has', async () => {
    const asks = new OpenAsks()
    const signals: AbortSignal[] = []
    const flusher = {
      ask: (generation, stage, signal) => {
        signals.push(signal!)
        return asks.add(generation, stage, signal)
      },
    } as Pick<Flusher, 'ask'>
    const { threads, url } = await startThreads(directory, flusher)
    const questions = Array.from({ length: QUESTIONS }, () => askForStats(url))
    await until(() => signals.length === QUESTIONS)
    // Reset, not ended: a client that has ended its half of the connection may still wait for its answer.
    for (const question of questions.slice(1)) question.socket!.resetAndDestroy()
    await until(() => signals.filter(({ aborted }) => aborted).length === QUESTIONS - 1)
    expect(asks.newestGeneration).to.equal(1)
    await threads.stop(0)
    expect(asks.newestGeneration).to.equal(0)
  })

  it('is withdrawn by a thread, whatever main still says', async () => {
    const sent: FromRequestThread[] = []
    const asker = new FlushAsker({ postMessage: message => sent.push(message) })
    const gone = new AbortController()
    const settled = asker.ask(7, 'stored', gone.signal).catch((reason: Error) => reason)
    const reason = new Error('the client has gone')
    gone.abort(reason)
    expect(await settled).to.equal(reason)
    const { askId } = sent[0] as { askId: number }
    expect(sent).to.deep.equal([
      { kind: 'ask', askId, generation: 7, until: 'stored' },
      { kind: 'withdraw', askId },
    ])
    asker.settled(askId, 'reached')
  })

  it('is not withdrawn when it is settled before the client goes', async () => {
    const sent: FromRequestThread[] = []
    const asker = new FlushAsker({ postMessage: message => sent.push(message) })
    const gone = new AbortController()
    const settled = asker.ask(7, 'stored', gone.signal)
    asker.settled((sent[0] as { askId: number }).askId, 'reached')
    gone.abort()
    await settled
    expect(sent).to.have.length(1)
  })
})

/** One request thread, without a database. */
async function startThreads(directory: string, flusher: Pick<Flusher, 'ask'>) {
  const { config } = readConfig({
    env: { CLICKCOUNTER_SERVER_HOST: '127.0.0.1', CLICKCOUNTER_DATABASE_HOST: '127.0.0.1' },
    cwd: directory,
    cores: 1,
  })
  const memory = SharedMemory.create({ threadCount: 1, maxBanners: 16 })
  const port = await chooseFreePort()
  const threads = new ThreadSupervisor({
    threadCount: 1,
    data: {
      config,
      database: config.database.server!,
      instance: 'test:1',
      journalPlace: { directory, writer: crypto.randomUUID(), sync: 'write' },
      memory: memory.handle,
      port,
      reusePort: false,
    },
    access: { snapshot: NO_KEYS, refresh: () => Promise.resolve(), noteUse() {} },
    bots: { lists: null },
    banners: { snapshot: null, refresh: () => Promise.resolve() },
    generations: new Generations(memory),
    flusher,
    log: createLog('silent'),
  })
  await threads.start()
  return { threads, url: `http://127.0.0.1:${port}` }
}

function askForStats(url: string): http.ClientRequest {
  const headers = { 'content-type': 'application/json' }
  return http
    .request(`${url}/stats/1`, { method: 'POST', headers })
    .on('error', () => {})
    .end('{"from":"2024-12-12","to":"2024-12-13"}')
}
