import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { drive } from '../support/drive.ts'
import { expectBooksIn, untilAllStored, untilHealth } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess, stopService } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'
import { CLASSED, fireAt, judge, Oracle } from './oracle.ts'
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts'
import { scaled } from './scale.ts'

const RATE_PER_SECOND = 5000

describe('while Postgres takes nothing', function () {
  this.timeout(scaled(60_000, 300_000))
  let postgres: OwnPostgres
  let settings: Settings
  before(async () => {
    postgres = await startOwnPostgres()
  })
  beforeEach(async () => {
    // A failed test may have left Postgres stopped.
    await postgres.restart()
    await postgres.clear()
    const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-away-'))
    settings = { ...CLASSED, DATA_DIR: dataDir, DATABASE_URL: postgres.url, CLICK_FLUSHER_INTERVAL: '0.1' }
  })
  afterEach(() => rm(settings.DATA_DIR!, { recursive: true, force: true }))
  after(() => postgres.remove())

  it('because it is away from the start on, 5 000 clicks a second are accepted, and stored later', async () => {
    const seconds = scaled(8, 60)
    await postgres.stop()
    const service = await startServiceProcess(settings)
    const { requests, acknowledged, failed } = await drive(service.url, {
      ratePerSecond: RATE_PER_SECOND,
      seconds,
    })
    await postgres.restart()
    const returnedAtMs = performance.now()
    await untilAllStored(service)
    const storedMs = performance.now() - returnedAtMs
    console.log(`      everything stored ${storedMs.toFixed()} ms after Postgres was there again`)
    await endInOrder(service)
    const counted = await postgres.totalClicks()
    judge(`${RATE_PER_SECOND} a second for ${seconds} s without Postgres`, 1, {
      sent: requests,
      acknowledged,
      counted,
      lost: Math.max(0, acknowledged - counted),
      doubled: Math.max(0, counted - requests),
    })
    expect(failed, 'clicks that failed').to.equal(0)
  })

  it('because it is away, a kill -9 of the service loses nothing', async () => {
    const kills = scaled(2, 10)
    const oracle = new Oracle()
    await postgres.stop()
    for (let kill = 0; kill < kills; kill++) {
      const service = await startServiceProcess(settings)
      const load = fireAt(oracle, service)
      await setTimeout(1500)
      service.signal('SIGKILL')
      await service.exited
      await load.stop()
    }
    const service = await startServiceProcess(settings)
    const load = fireAt(oracle, service)
    await setTimeout(500)
    await postgres.restart()
    await load.stop()
    await untilAllStored(service)
    await endInOrder(service)
    judge('kill -9 of the service without Postgres', kills, await oracle.verdict(postgres))
    expect(await postgres.query('SELECT * FROM click_ledger WHERE ended_at IS NULL')).to.deep.equal([])
  })

  it('and the journal is full, clicks are refused with Retry-After, until it is there again', async () => {
    const service = await startServiceProcess({ ...settings, JOURNAL_MAX_BYTES: String(2 ** 20) })
    const oracle = new Oracle()
    const load = fireAt(oracle, service)
    await untilHealth(service, ({ clicks }) => clicks.stored > 0)
    await postgres.stop()
    await untilHealth(service, ({ status, httpStatus }) => status === 'refusing' && httpStatus === 503)
    const refused = await fetch(`${service.url}/counter/2147483647`)
    expect(refused.status).to.equal(503)
    expect(Number(refused.headers.get('retry-after'))).to.be.greaterThan(0)
    await postgres.restart()
    await untilHealth(service, ({ status, httpStatus }) => status === 'ok' && httpStatus === 200)
    await load.stop()
    await untilAllStored(service)
    await expectBooksIn(postgres, service)
    await endInOrder(service)
    judge('journal full without Postgres', 1, await oracle.verdict(postgres))
    expect(oracle.refused).to.be.greaterThan(0)
  })

  it('because it refuses the statement for good, the journal is kept, and stored once the tables are mended', async () => {
    const oracle = new Oracle()
    const broken = await startServiceProcess(settings)
    const load = fireAt(oracle, broken, 8)
    await untilHealth(broken, ({ clicks }) => clicks.stored > 0)
    await postgres.query('ALTER TABLE click_minutes RENAME COLUMN clicks TO taps')
    await untilRefused(broken)
    await setTimeout(500)
    broken.signal('SIGKILL')
    await broken.exited
    await load.stop()
    const service = await startServiceProcess(settings)
    const secondLoad = fireAt(oracle, service, 8)
    await untilRefused(service)
    await untilHealth(service, ({ journal }) => journal.files > 0)
    await postgres.query('ALTER TABLE click_minutes RENAME COLUMN taps TO clicks')
    await secondLoad.stop()
    await untilAllStored(service)
    await endInOrder(service)
    judge('permanent SQL error', 1, await oracle.verdict(postgres))
  })

  function untilRefused(service: ServiceProcess): Promise<void> {
    return untilHealth(service, ({ flush, database }) => {
      return /^42703: /.test(flush.lastError ?? '') && database.status === 'up'
    })
  }
})

async function endInOrder(service: ServiceProcess): Promise<void> {
  expect(await stopService(service), service.lines.join('\n')).to.equal(0)
}
