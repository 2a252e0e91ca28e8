import type { AccessSnapshot } from '../../lib/access/snapshot.ts'
import type { BannerTables } from '../../lib/banners/banner-table.ts'
import type { BotLists } from '../../lib/bots/bot-lists.ts'
import { readConfig } from '../../lib/config/read.ts'
import { createLog } from '../../lib/log/log.ts'
import { SharedMemory } from '../../lib/memory/shared-memory.ts'
import { Generations } from '../../lib/ring/generations.ts'
import { ThreadSupervisor } from '../../lib/service/thread-supervisor.ts'
import { chooseFreePort } from '../support/free-port.ts'
import { snapshotOf } from '../support/keys.ts'

const THREADS = 2

/** Request threads without a database and without a main that watches over keys and banners. */
export async function newThreads(cwd: string) {
  const env = { CLICKCOUNTER_SERVER_HOST: '127.0.0.1', CLICKCOUNTER_DATABASE_HOST: '127.0.0.1' }
  const { config } = readConfig({ env, cwd, cores: 1 })
  const memory = SharedMemory.create({ threadCount: THREADS, maxBanners: 16 })
  const port = await chooseFreePort()
  const refresh = () => Promise.resolve()
  /** What threads are given at their start. */
  const access = { snapshot: snapshotOf([]) as AccessSnapshot, refresh, noteUse() {} }
  const banners = { snapshot: null as BannerTables | null, refresh }
  const bots = { lists: null as BotLists | null }
  const threads = new ThreadSupervisor({
    threadCount: THREADS,
    data: {
      config,
      database: config.database.server!,
      instance: 'test:1',
      journalPlace: { directory: cwd, writer: crypto.randomUUID(), sync: 'write' },
      memory: memory.handle,
      port,
      reusePort: true,
    },
    access,
    banners,
    bots,
    generations: new Generations(memory),
    flusher: { ask: () => Promise.resolve() },
    log: createLog('silent'),
  })
  return { threads, access, banners, bots, url: `http://127.0.0.1:${port}` }
}
