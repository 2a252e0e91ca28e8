import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startServiceProcess, stopService } from '../support/process.ts'
import { newSeed, seededRandom } from '../support/random.ts'
import type { Settings } from '../support/settings.ts'
import { CLASSED, judge, Oracle } from './oracle.ts'

const CYCLES_A_SETTING = Number(process.env.CLICKCOUNTER_TEST_KILL_CYCLES ?? 15)
const FAILPOINTS = fileURLToPath(new URL('./failpoints.ts', import.meta.url))
const POINTS = [
  'after-add',
  'middle-of-journal-write',
  'after-journal-write',
  'before-flip',
  'after-flip',
  'before-rows',
  'after-rows',
  'before-commit',
  'after-commit',
  'before-rename',
  'after-rename',
  'after-clear',
]

describe('kill -9 of the service', function () {
  this.timeout(120_000)
  let database: TestDatabase
  let dataDir: string
  let settings: Settings
  beforeEach(async () => {
    database = await createTestDatabase()
    dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-kill-'))
    settings = {
      ...CLASSED,
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      CLICK_FLUSHER_INTERVAL: '0.1',
      LOGGER_LEVEL: 'info',
    }
  })
  afterEach(async () => {
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  })

  for (const threads of ['1', '2'])
    it(`at random moments under load, ${threads} request thread(s), loses nothing and counts nothing twice`, async () => {
      const seed = newSeed()
      const random = seededRandom(seed)
      const oracle = new Oracle()
      for (let cycle = 0; cycle < CYCLES_A_SETTING; cycle++)
        await lifeUnderLoad(oracle, { ...settings, SERVER_THREADS: threads }, 50 + random(400))
      await lastLife()
      judge(
        `kill -9 at random, ${threads} thread(s), seed ${seed}`,
        CYCLES_A_SETTING,
        await oracle.verdict(database),
      )
      expect(await ledgerRows(), 'rows that dead writers left in the ledger').to.equal(0)
    })

  it('at every named point loses nothing and counts nothing twice', async () => {
    const oracle = new Oracle()
    for (const point of POINTS)
      for (const times of [1, 4])
        await lifeUnderLoad(oracle, { ...settings, TEST_FAILPOINT: `${point}:${times}` }, null)
    await lastLife()
    judge('kill -9 at named points', POINTS.length * 2, await oracle.verdict(database))
  })

  /** Runs a service under load until it is killed, after some time or by its failpoint. */
  async function lifeUnderLoad(oracle: Oracle, life: Settings, killAfterMs: number | null): Promise<void> {
    const service = await startServiceProcess(life, ['--import', FAILPOINTS]).catch(() => null)
    // The recovery passes some points, before the first click can come.
    if (service === null) return
    const timer = killAfterMs === null ? undefined : setTimeout(() => service.signal('SIGKILL'), killAfterMs)
    const ended = new AbortController()
    void service.exited.then(() => ended.abort())
    await oracle.fire(service.url, ended.signal)
    expect(await service.exited).to.equal(null)
    clearTimeout(timer)
  }

  /** Recovers, stores, ends in order. */
  async function lastLife(): Promise<void> {
    const service = await startServiceProcess(settings)
    expect(await stopService(service), service.lines.join('\n')).to.equal(0)
  }

  async function ledgerRows(): Promise<number> {
    return (await database.query('SELECT 1 FROM click_ledger WHERE ended_at IS NULL')).length
  }
})
