import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { expectBooksIn, health, untilAllStored, untilHealth } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { BROWSER, CRAWLER, type Settings } from '../support/settings.ts'
import { until } from '../support/until.ts'
import { CLASSED, fireAt, judge, Oracle } from './oracle.ts'
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts'
import { scaled } from './scale.ts'

/** Stands for a failover to a replica that lacks the last commits, and for a restore of an older dump. */
describe('a database that is replaced by an older copy of itself', function () {
  this.timeout(scaled(60_000, 600_000))
  let postgres: OwnPostgres
  let settings: Settings
  before(async () => {
    postgres = await startOwnPostgres()
  })
  beforeEach(async () => {
    await postgres.clear()
    const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-back-'))
    settings = {
      ...CLASSED,
      DATA_DIR: dataDir,
      DATABASE_URL: postgres.url,
      CLICK_FLUSHER_INTERVAL: '0.05',
      SERVER_THREADS: '1',
      LOGGER_LEVEL: 'info',
    }
  })
  afterEach(() => rm(settings.DATA_DIR!, { recursive: true, force: true }))
  after(() => postgres.remove())

  it('is given again what it lost, twice, and the books stay right', async () => {
    const service = await startServiceProcess(settings)
    await click(service, 100)
    await untilAllStored(service)
    const goBack = await postgres.keepCopy()
    await untilHealth(service, ({ database }) => database.status === 'up')
    for (let clicks = 200; clicks <= 400; clicks += 100) {
      await click(service, 100)
      await untilAllStored(service)
    }
    for (const clicks of [401, 402]) {
      await goBack()
      await click(service, 1)
      await until(async () => (await postgres.totalClicks()) === clicks)
    }
    await untilAllStored(service)
    expect(service.lines.filter(line => line.includes('the database went back'))).to.have.lengthOf(2)
    const { clicks, reasons } = await health(service)
    expect(clicks).to.include({ accepted: 402, stored: 402, pending: 0, lost: 0 })
    expect(clicks.storedByClass.bot).to.equal(4 * 34 + 2)
    await expectBooksIn(postgres, service)
    expect(reasons).to.deep.equal([])
    await endInOrder(service)
    expect(await postgres.totalClicks()).to.equal(402)
  })

  it('under load, also of a service that is killed meanwhile, costs no click and doubles none', async () => {
    const cycles = scaled(2, 8)
    const oracle = new Oracle()
    let goBack: (() => Promise<void>) | null = null
    for (let cycle = 0; cycle < cycles; cycle++) {
      const service = await startServiceProcess(settings)
      const load = fireAt(oracle, service, 8)
      await untilHealth(service, ({ clicks }) => clicks.stored > 500)
      goBack ??= await postgres.keepCopy()
      const { stored } = (await health(service)).clicks
      await untilHealth(service, ({ clicks }) => clicks.stored > stored + 500)
      await goBack()
      await service.line(/the database went back/)
      if (cycle % 2 === 0) service.signal('SIGKILL')
      else {
        await load.stop()
        await untilAllStored(service)
        service.signal('SIGTERM')
      }
      await service.exited
      await load.stop()
    }
    const last = await startServiceProcess(settings)
    await untilAllStored(last)
    await endInOrder(last)
    judge('a database that goes back', cycles, await oracle.verdict(postgres))
  })

  it('makes what nobody keeps any more lost, to the last click, and says so', async () => {
    const service = await startServiceProcess({ ...settings, JOURNAL_KEEP_SECONDS: '0' })
    await click(service, 30)
    await untilAllStored(service)
    const goBack = await postgres.keepCopy()
    await untilHealth(service, ({ database }) => database.status === 'up')
    await click(service, 12)
    await untilAllStored(service)
    await goBack()
    await click(service, 5)
    await untilHealth(service, ({ clicks }) => clicks.lost > 0)
    await untilAllStored(service)
    const { clicks, status, reasons } = await health(service)
    expect(clicks).to.include({ accepted: 47, stored: 35, pending: 0, lost: 12 })
    expect(clicks.lostByClass.bot).to.equal(4)
    expect(clicks.storedByClass.bot).to.equal(10 + 2)
    await expectBooksIn(postgres, service)
    expect(status).to.equal('degraded')
    expect(reasons).to.have.lengthOf(1)
    expect(reasons[0]).to.include({ reason: 'clicks_lost' })
    expect(reasons[0]!.detail).to.match(/: 12 clicks of this process\./)
    await endInOrder(service)
    expect(await postgres.totalClicks()).to.equal(35)
  })

  it('while the service is down is found by the next start, also of a writer that has ended', async () => {
    const first = await startServiceProcess(settings)
    await click(first, 10)
    await untilAllStored(first)
    const goBack = await postgres.keepCopy()
    await click(first, 20)
    await untilHealth(first, ({ clicks }) => clicks.stored === 30)
    await endInOrder(first)
    expect(await postgres.totalClicks()).to.equal(30)
    await goBack()
    expect(await postgres.totalClicks()).to.equal(10)
    const second = await startServiceProcess(settings)
    await click(second, 1)
    await second.line(/the database went back/)
    await untilAllStored(second)
    await endInOrder(second)
    expect(await postgres.totalClicks()).to.equal(31)
    expect(await postgres.query('SELECT 1 FROM click_ledger WHERE ended_at IS NULL')).to.deep.equal([])
  })

  it('is given everything when the service is killed while it gives it again', async () => {
    const first = await startServiceProcess(settings)
    const goBack = await keptThrice(first)
    await goBack()
    await click(first, 1)
    await first.line(/the database went back/)
    first.signal('SIGKILL')
    await first.exited
    const second = await startServiceProcess(settings)
    await untilAllStored(second)
    await endInOrder(second)
    expect(await postgres.totalClicks()).to.equal(41)
  })

  it('and comes back while a batch waits for it is given both, in order', async () => {
    const service = await startServiceProcess(settings)
    const goBack = await keptThrice(service)
    await postgres.stop()
    await click(service, 7)
    await untilHealth(service, ({ database }) => database.status === 'down')
    await goBack()
    await untilAllStored(service)
    await endInOrder(service)
    expect(await postgres.totalClicks()).to.equal(47)
    expect(await readdir(join(settings.DATA_DIR!, 'journal', 'stored'))).not.to.deep.equal([])
  })

  /** The copy has the first 10 of its 40 clicks. */
  async function keptThrice(service: ServiceProcess): Promise<() => Promise<void>> {
    await click(service, 10)
    await untilAllStored(service)
    const goBack = await postgres.keepCopy()
    await untilHealth(service, ({ database }) => database.status === 'up')
    for (let time = 0; time < 3; time++) {
      await click(service, 10)
      await untilAllStored(service)
    }
    return goBack
  }
})

/** Every third one is a bot's, from the first on. Of the others, all but the first are duplicates. */
async function click({ url }: ServiceProcess, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const headers = { 'user-agent': time % 3 === 0 ? CRAWLER : BROWSER }
    expect((await fetch(`${url}/counter/1`, { headers })).status).to.equal(204)
  }
}

async function endInOrder(service: ServiceProcess): Promise<void> {
  service.signal('SIGTERM')
  expect(await service.exited, service.lines.join('\n')).to.equal(0)
}
