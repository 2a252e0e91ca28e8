import { rm } from 'node:fs/promises'
import { expect } from 'chai'
import { expectBooksIn, health, untilAllStored, untilHealth, untilStoring } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { CLASSED, fireAt, judge, Oracle } from './oracle.ts'
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts'
import { scaled } from './scale.ts'

describe('a Postgres that is told not to wait for its disk', function () {
  this.timeout(scaled(60_000, 600_000))
  let postgres: OwnPostgres
  let service: ServiceProcess
  before(async () => {
    postgres = await startOwnPostgres()
    await postgres.query('ALTER SYSTEM SET wal_writer_delay = 2000')
    await postgres.query('SELECT pg_reload_conf()')
    await postgres.query('ALTER ROLE clickcounter SET synchronous_commit = off')
  })
  beforeEach(async () => {
    service = await startServiceProcess({
      ...CLASSED,
      DATABASE_URL: postgres.url,
      CLICK_FLUSHER_INTERVAL: '0.05',
    })
    await untilHealth(service, ({ status }) => status === 'ok')
    // The test is about clicks: the tables must be there in any case.
    await postgres.query('CHECKPOINT')
  })
  afterEach(async () => {
    service.signal('SIGTERM')
    await service.exited
    await rm(service.dataDir, { recursive: true, force: true })
  })
  after(() => postgres.remove())

  it('by its role, and is killed just after a COMMIT, costs no click', async () => {
    const kills = scaled(2, 20)
    const oracle = new Oracle()
    for (let kill = 0; kill < kills; kill++) {
      const load = fireAt(oracle, service, 2)
      await untilStoring(service)
      await load.stop()
      await untilAllStored(service)
      await postgres.killAll()
      await postgres.restart()
    }
    await expectBooksIn(postgres, service)
    judge('kill -9 of Postgres with synchronous_commit = off', kills, await oracle.verdict(postgres))
  })

  it('at all is shown on /health and in the log, until that is mended', async () => {
    const reconnect = async () => {
      await postgres.killFlushBackend()
      // A click makes the service ask at once; without one, it asks every 5 s.
      await fetch(`${service.url}/counter/1`)
    }
    const notDurable = async () =>
      (await health(service)).reasons.find(({ reason }) => reason === 'database_not_durable')?.detail
    for (const setting of ['fsync', 'full_page_writes'])
      await postgres.query(`ALTER SYSTEM SET ${setting} = off`)
    await postgres.query('SELECT pg_reload_conf()')
    await postgres.query('ALTER TABLE click_days SET UNLOGGED')
    await reconnect()
    await service.line(/fsync = off and full_page_writes = off.*Unlogged in the database: click_days\./)
    expect(await notDurable()).to.match(/fsync = off and full_page_writes = off.*Unlogged.* click_days\./)

    for (const setting of ['fsync', 'full_page_writes']) await postgres.query(`ALTER SYSTEM RESET ${setting}`)
    await postgres.query('SELECT pg_reload_conf()')
    await postgres.query('ALTER TABLE click_days SET LOGGED')
    await reconnect()
    await service.line(/over: .*fsync = off/)
    expect(await notDurable()).to.equal(undefined)
  })
})
