import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { type OwnPostgres, startOwnPostgres } from '../faults/own-postgres.ts'
import { launchChromium } from '../support/chromium.ts'
import { drive } from '../support/drive.ts'
import { untilAllStored } from '../support/health.ts'
import { type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { LEADING, type Settings } from '../support/settings.ts'
import { openDashboard, type TestPage } from './page-support.ts'

describe('the dashboard, live', function () {
  this.timeout(60_000)
  let browser: Browser
  let postgres: OwnPostgres
  let settings: Settings
  let service: ServiceProcess
  let dashboard: TestPage
  before(async function () {
    // It may have to be installed.
    this.timeout(300_000)
    browser = await launchChromium()
    postgres = await startOwnPostgres()
  })
  beforeEach(async () => {
    // A failed test may have left Postgres stopped.
    await postgres.restart()
    await postgres.clear()
    const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-dashboard-'))
    settings = { ...LEADING, DATA_DIR: dataDir, DATABASE_URL: postgres.url, CLICK_FLUSHER_INTERVAL: '0.2' }
    service = await startServiceProcess(settings)
    settings = { ...settings, SERVER_PORT: new URL(service.url).port }
    dashboard = await openDashboard(browser, service.url)
  })
  afterEach(async () => {
    await dashboard.close()
    service.signal('SIGKILL')
    await service.exited
    await rm(settings.DATA_DIR!, { recursive: true, force: true })
  })
  after(async () => {
    await browser.close()
    await postgres.remove()
  })

  it('shows the figures of a service under load as they move', async () => {
    const { page, value, says, complaints } = dashboard
    await says(/No click since the start/)
    const load = drive(service.url, { ratePerSecond: 180, seconds: 5 })
    const seen = new Set<string>()
    // Three figures: 0, all clicks at the end, and at least one in between.
    while (seen.size < 3) seen.add(await value('accepted'))
    await load
    await untilAllStored(service)
    await says(/900 clicks stored since the start\./)
    expect(await value('stored')).to.equal('900')
    expect(Number(await value('clicksPerSecond'))).to.be.greaterThan(10)
    expect(Number(await value('p99Ms'))).to.be.greaterThan(0)
    expect(await value('database')).to.equal('up')
    await page.getByRole('img', { name: /^Clicks per second: now \d/ }).waitFor()
    await page.locator('[data-chart=rate]').hover()
    await page.getByText(/^At \d\d:\d\d:\d\d\.$/).waitFor()
    expect(await page.title()).to.match(/^Live · [\d.]+\/s · clickcounter$/)
    expect(complaints()).to.deep.equal([])
  })

  it('says that Postgres is away, for how long and what waits, and when it is back', async () => {
    const { value, says, page, complaints } = dashboard
    const icon = () => page.locator('link[rel=icon]').getAttribute('href')
    await says(/Counting\./)
    expect(await icon()).to.equal('dashboard/icon.svg')
    await postgres.stop()
    for (let time = 0; time < 12; time++) await fetch(`${service.url}/counter/1`)
    await says(/Counting\. Postgres has been away for [1-9]\d*\ss; 12 clicks wait in the journal\./)
    expect(await value('database')).to.equal('away')
    expect(await page.getByRole('status').innerText()).to.equal('Counting. Postgres is away.')
    expect(await page.title()).to.match(/^degraded · Live · [\d.]+\/s · clickcounter$/)
    expect(await icon()).to.equal('dashboard/icon-warn.svg')
    await postgres.restart()
    await says(/Counting\. 12 clicks stored since the start\./)
    expect(await value('database')).to.equal('up')
    expect(complaints()).to.deep.equal([])
  })

  it('says since when the service does not answer, and goes on by itself when it answers again', async () => {
    const { says, page, complaints } = dashboard
    await says(/Counting\./)
    service.signal('SIGKILL')
    await service.exited
    await says(/The service does not answer\. No answer since \d\d:\d\d:\d\d, for [1-9]\d*\ss\./)
    expect(await page.title()).to.equal('no answer · Live · clickcounter')
    expect(await page.locator('link[rel=icon]').getAttribute('href')).to.equal('dashboard/icon-bad.svg')
    service = await startServiceProcess(settings)
    await says(/Counting\./)
    // The browser logs each request that failed.
    expect(complaints().filter(text => !/ERR_(CONNECTION|EMPTY)/.test(text))).to.deep.equal([])
  })
})
