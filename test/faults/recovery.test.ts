import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { untilAllStored, untilHealth } from '../support/health.ts'
import { startServiceProcess, stopService } from '../support/process.ts'
import type { Settings } from '../support/settings.ts'
import { makeJournal } from './made-journal.ts'
import { CLASSED, fireAt, judge, Oracle } from './oracle.ts'
import { scaled } from './scale.ts'

/** The oracle's banners come after these. */
const MADE_BANNERS = 20_000
const MEBIBYTE = 2 ** 20

describe('recovery at the start', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let settings: Settings
  beforeEach(async () => {
    database = await createTestDatabase()
    const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-recovery-'))
    settings = { ...CLASSED, DATABASE_URL: database.url, DATA_DIR: dataDir, LOGGER_LEVEL: 'info' }
  })
  afterEach(async () => {
    await database.drop()
    await rm(settings.DATA_DIR!, { recursive: true, force: true })
  })

  it('brings in 100 MB of journal while new clicks are accepted', async () => {
    const { clicks: madeClicks, byClass } = makeJournal(settings.DATA_DIR!, {
      bytes: 100 * MEBIBYTE,
      generations: 100,
      generationsPerMinute: 30,
      banners: MADE_BANNERS,
    })
    const oracle = new Oracle(MADE_BANNERS)
    const startedAtMs = performance.now()
    const service = await startServiceProcess(settings)
    const servingMs = performance.now() - startedAtMs
    const load = fireAt(oracle, service, 1)
    await untilMade(madeClicks)
    const storedMs = performance.now() - startedAtMs
    const { acknowledged } = oracle
    await load.stop()
    expect(await stopService(service)).to.equal(0)
    console.log(
      `      100 MB of journal: clicks accepted after ${servingMs.toFixed(0)} ms, ${acknowledged} of them ` +
        `until all ${madeClicks} were stored after ${storedMs.toFixed(0)} ms`,
    )
    const verdict = await oracle.verdict(database)
    judge('recovery of 100 MB', 1, verdict)
    expect(verdict.acknowledged, 'clicks that failed meanwhile').to.equal(verdict.sent)
    expect(await madeByClass()).to.deep.equal(byClass)
    expect(acknowledged).to.be.greaterThan(0)
  })

  it('leaves out what the killed process had stored already, and brings in the rest', async () => {
    const { writer, byClass } = makeJournal(settings.DATA_DIR!, {
      bytes: MEBIBYTE,
      generations: 10,
      generationsPerMinute: 30,
      banners: MADE_BANNERS,
    })
    await database.query(`INSERT INTO click_ledger VALUES ('${writer}', 4, now())`)
    const service = await startServiceProcess(settings)
    await untilAllStored(service)
    expect(await stopService(service)).to.equal(0)
    expect(await madeByClass()).to.deep.equal(byClass.map(clicks => (clicks / 10) * 6))
    expect(await database.query('SELECT * FROM click_ledger WHERE ended_at IS NULL')).to.deep.equal([])
  })

  /** By class. */
  async function madeByClass(): Promise<number[]> {
    const [row] = await database.query<{ clicks: number[] }>(
      `SELECT ARRAY[coalesce(sum(clicks), 0), coalesce(sum(bots), 0), coalesce(sum(duplicates), 0)]::int[] AS clicks
       FROM click_minutes WHERE banner_id <= ${MADE_BANNERS}`,
    )
    return row!.clicks
  }

  async function madeStored(): Promise<number> {
    return (await madeByClass()).reduce((sum, clicks) => sum + clicks)
  }

  async function untilMade(clicks: number): Promise<void> {
    while ((await madeStored()) < clicks) await setTimeout(50)
  }

  it(`after ${scaled(10, 50)} kills has every writer marked as ended once everything is stored`, async () => {
    const kills = scaled(10, 50)
    const oracle = new Oracle()
    for (let kill = 0; kill < kills; kill++) {
      const service = await startServiceProcess({ ...settings, CLICK_FLUSHER_INTERVAL: '0.05' })
      const load = fireAt(oracle, service, 4)
      // Then its own row is in the ledger, beside those of writers that it has not yet marked.
      await untilHealth(service, ({ clicks }) => clicks.stored > 0)
      service.signal('SIGKILL')
      await service.exited
      await load.stop()
    }
    const last = await startServiceProcess(settings)
    await untilAllStored(last)
    expect(await stopService(last)).to.equal(0)
    judge('ledger over kills', kills, await oracle.verdict(database))
    expect(await database.query('SELECT * FROM click_ledger WHERE ended_at IS NULL')).to.deep.equal([])
  })
})
