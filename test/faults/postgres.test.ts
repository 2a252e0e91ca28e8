import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { expectBooksIn, untilAllStored, untilHealth, untilStoring } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'
import { newSeed, seededRandom } from '../support/random.ts'
import type { Settings } from '../support/settings.ts'
import { CLASSED, fireAt, judge, Oracle } from './oracle.ts'
import { databaseOf, killPostmaster, type OwnPostgres, startOwnPostgres } from './own-postgres.ts'
import { scaled } from './scale.ts'

/** Enough for a tick to hold several clicks, and for Postgres to have its share of the machine. */
const CONNECTIONS = 2
/** Longer than the service waits for a query, which is 8 s. */
const FREEZE_MS = 9000

describe('Postgres under load', function () {
  this.timeout(scaled(60_000, 600_000))
  let postgres: OwnPostgres
  let settings: Settings
  before(async () => {
    postgres = await startOwnPostgres()
  })
  beforeEach(async () => {
    await postgres.clear()
    const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-postgres-'))
    settings = { ...CLASSED, DATA_DIR: dataDir, CLICK_FLUSHER_INTERVAL: '0.05', SERVER_THREADS: '2' }
  })
  afterEach(() => rm(settings.DATA_DIR!, { recursive: true, force: true }))
  after(() => postgres.remove())

  it('that is killed costs no click and doubles none', async () => {
    const kills = scaled(10, 100)
    const seed = newSeed()
    const random = seededRandom(seed)
    await judged(`kill -9 of Postgres, seed ${seed}`, kills, async service => {
      for (let kill = 0; kill < kills; kill++) {
        await setTimeout(random(300))
        await postgres.kill()
        await postgres.restart()
        await untilStoring(service)
      }
    })
  })

  it('whose backend is killed, the one that stores, costs no click and doubles none', async () => {
    const kills = scaled(5, 50)
    const seed = newSeed()
    const random = seededRandom(seed)
    await judged(`kill -9 of a backend, seed ${seed}`, kills, async service => {
      for (let kill = 0; kill < kills; kill++) {
        await setTimeout(random(300))
        await postgres.killFlushBackend()
        await untilStoring(service)
      }
    })
  })

  it('that stands still with its connections open costs no click and doubles none', async () => {
    const freezes = scaled(1, 5)
    await judged('SIGSTOP of Postgres', freezes, async service => {
      for (let freeze = 0; freeze < freezes; freeze++) {
        const thaw = await postgres.freeze()
        try {
          await setTimeout(FREEZE_MS)
        } finally {
          thaw()
        }
        await untilStoring(service)
      }
    })
  })

  /** Sends clicks during the faults, of which none may fail. Then asks the books and the oracle. */
  async function judged(
    title: string,
    cycles: number,
    faults: (service: ServiceProcess) => Promise<void>,
  ): Promise<void> {
    const oracle = new Oracle()
    const service = await startServiceProcess({ ...settings, DATABASE_URL: postgres.url })
    const load = fireAt(oracle, service, CONNECTIONS)
    await untilStoring(service)
    await faults(service)
    await load.stop()
    await untilAllStored(service)
    await expectBooksIn(postgres, service)
    expect(await stopService(service), service.lines.join('\n')).to.equal(0)
    const verdict = await oracle.verdict(postgres)
    judge(title, cycles, verdict)
    expect(verdict.acknowledged, 'clicks that failed').to.equal(verdict.sent)
  }
})

describe("the service's own Postgres", function () {
  this.timeout(scaled(60_000, 600_000))

  it('that is killed under load is started again, and costs no click and doubles none', async () => {
    const kills = scaled(2, 20)
    const oracle = new Oracle()
    const service = await startServiceProcess({ ...CLASSED, CLICK_FLUSHER_INTERVAL: '0.05' })
    const load = fireAt(oracle, service, CONNECTIONS)
    for (let kill = 0; kill < kills; kill++) {
      await untilHealth(service, ({ database }) => database.status === 'up')
      await killPostmaster(service.dataDir)
      await untilHealth(service, ({ database }) => database.status === 'down')
    }
    await untilHealth(service, ({ database }) => database.status === 'up')
    await load.stop()
    await untilAllStored(service)
    const database = await databaseOf(service)
    await expectBooksIn(database, service)
    const verdict = await oracle.verdict(database)
    expect(await stopService(service), service.lines.join('\n')).to.equal(0)
    await rm(service.dataDir, { recursive: true, force: true })
    judge("kill -9 of the service's own Postgres", kills, verdict)
    expect(verdict.acknowledged, 'clicks that failed').to.equal(verdict.sent)
  })
})
