import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { drive } from '../../bench/drive.ts'
import { type OwnPostgres, startOwnPostgres } from '../faults/own-postgres.ts'
import { untilAllStored } from '../faults/service-under-load.ts'
import { launchChromium } from '../support/chromium.ts'
import { type ServiceProcess, type Settings, startServiceProcess } from '../support/process.ts'
import { openDashboard, type TestPage } from './page-support.ts'

const PHONE = { width: 360, height: 740 }

describe('the dashboard in a browser', function () {
  this.timeout(60_000)
  let browser: Browser
  let postgres: OwnPostgres
  let settings: Settings
  let service: ServiceProcess
  let open: TestPage[]
  const dashboard = async (options: Parameters<typeof openDashboard>[2] = {}) => {
    const page = await openDashboard(browser, service.url, options)
    open.push(page)
    return page
  }
  const click = async (bannerId: number, times: number) => {
    for (let time = 0; time < times; time++) await fetch(`${service.url}/counter/${bannerId}`)
  }

  before(async function () {
    // It may have to be installed.
    this.timeout(300_000)
    browser = await launchChromium()
    postgres = await startOwnPostgres()
  })
  beforeEach(async () => {
    open = []
    await postgres.restart()
    await postgres.clear()
    const dataDir = await mkdtemp(join(tmpdir(), 'clickcounter-dashboard-'))
    settings = { DATA_DIR: dataDir, DATABASE_URL: postgres.url, CLICK_FLUSHER_INTERVAL: '0.2' }
    service = await startServiceProcess(settings)
    settings.SERVER_PORT = new URL(service.url).port
  })
  afterEach(async () => {
    for (const page of open) await page.close()
    service.signal('SIGTERM')
    await service.exited
    await rm(settings.DATA_DIR!, { recursive: true, force: true })
  })
  after(async () => {
    await browser?.close()
    await postgres?.remove()
  })

  it('shows the figures of a service under load as they move', async () => {
    const { page, value, says, complaints } = await dashboard()
    await says(/No click has come yet/)
    const load = drive(service.url, { ratePerSecond: 300, seconds: 3 })
    const seen = new Set<string>()
    while (seen.size < 4) seen.add(await value('accepted'))
    await load
    await untilAllStored(service)
    await says(/900 clicks are in Postgres, 0 on the way/)
    expect(await value('stored')).to.equal('900')
    expect(Number(await value('clicksPerSecond'))).to.be.greaterThan(10)
    expect(Number(await value('p99Ms'))).to.be.greaterThan(0)
    expect(await value('database')).to.equal('up')
    await page.getByRole('img', { name: /^Clicks per second: now \d/ }).waitFor()
    expect(await page.title()).to.match(/^[\d.]+\/s · clickcounter$/)
    expect(complaints()).to.deep.equal([])
  })

  it('says that Postgres is away, for how long and what waits, and when it is back', async () => {
    const { value, says, page, complaints } = await dashboard()
    await says(/Counting\./)
    await postgres.stop()
    await click(1, 12)
    await says(/Counting\. Postgres has been away for [1-9]\d*\ss; 12 clicks wait in the journal\./)
    expect(await value('database')).to.equal('away')
    expect(await page.getByRole('status').innerText()).to.equal('Counting. Postgres is away.')
    await postgres.restart()
    await says(/Counting\. 12 clicks are in Postgres, 0 on the way\./)
    expect(await value('database')).to.equal('up')
    expect(complaints()).to.deep.equal([])
  })

  it('says since when the service does not answer, and goes on by itself when it does', async () => {
    const { says, page, complaints } = await dashboard()
    await says(/Counting\./)
    service.signal('SIGKILL')
    await service.exited
    await says(/The service does not answer\. Nothing has been heard since \d\d:\d\d:\d\d, for [1-9]\d*\ss\./)
    expect(await page.title()).to.equal('no answer · clickcounter')
    service = await startServiceProcess(settings)
    await says(/Counting\./)
    // The browser's own words about a request that failed.
    expect(complaints().filter(text => !/ERR_(CONNECTION|EMPTY)/.test(text))).to.deep.equal([])
  })

  it('shows a banner’s clicks by minute, and has the question in the address', async () => {
    await click(7, 5)
    await click(8, 3)
    const { page, complaints, says } = await dashboard()
    await says(/Counting\./)
    await page.getByLabel('Banner id').fill('7')
    await page.getByRole('radio', { name: '7 days' }).check()
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('heading', { name: /^5 clicks of banner 7, from .* local time$/ }).waitFor()
    const clicks = await page.locator('#rows td').allInnerTexts()
    expect(clicks.map(Number).reduce((sum, each) => sum + each, 0)).to.equal(5)
    await page.getByRole('img', { name: /^Clicks per minute, at most \d/ }).waitFor()
    expect(new URL(page.url()).hash).to.equal('#banner=7&range=week')

    const shared = await dashboard({ hash: '#banner=8&range=hour&zone=utc' })
    await shared.page.getByRole('heading', { name: /^3 clicks of banner 8, from .* UTC$/ }).waitFor()
    await shared.page.evaluate("location.hash = '#banner=7&range=today&zone=utc'")
    await shared.page.getByRole('heading', { name: /^5 clicks of banner 7, from .*, 00:00 to/ }).waitFor()
    expect([...complaints(), ...shared.complaints()]).to.deep.equal([])
  })

  it('shows the same moments in local time and UTC, and a thousand rows at the most', async () => {
    await postgres.query(
      `INSERT INTO click_minutes (banner_id, minute, clicks)
       SELECT 9, timestamptz '2024-12-12 10:00Z' + g * interval '1 minute', 1 + g % 7
       FROM generate_series(0, 1199) AS g`,
    )
    const { page, complaints } = await dashboard({
      hash: '#banner=9&range=own&from=2024-12-12T10:00Z&to=2024-12-13T10:00Z',
    })
    await page.getByText('The first 1 000 of 1 200 minutes'.replaceAll(/(\d) (\d)/g, '$1\u202f$2')).waitFor()
    expect(await page.locator('#rows tr').count()).to.equal(1000)
    const first = page.locator('#rows th').first()
    expect(await first.innerText()).to.equal('12 Dec 2024, 11:00')
    expect(await page.getByLabel(/^From \(local\)/).inputValue()).to.equal('2024-12-12T11:00')
    await page.getByRole('radio', { name: 'UTC' }).check()
    expect(await first.innerText()).to.equal('12 Dec 2024, 10:00')
    expect(await page.getByLabel(/^From \(UTC\)/).inputValue()).to.equal('2024-12-12T10:00')
    expect(complaints()).to.deep.equal([])
  })

  it('downloads the answer as CSV', async () => {
    const { page } = await dashboard({
      hash: '#banner=7&range=own&from=2024-12-12T10:00Z&to=2024-12-12T11:00Z',
    })
    await page.route('**/stats/7', (route, request) =>
      request.headers().accept === 'text/csv'
        ? route.fulfill({ contentType: 'text/csv', body: 'ts,clicks\n2024-12-12T10:00:00Z,4\n' })
        : route.continue(),
    )
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ])
    expect(download.suggestedFilename()).to.equal('clicks-of-7-2024-12-12T1000Z-2024-12-12T1100Z.csv')
    expect(await readFile(await download.path(), 'utf8')).to.match(/^ts,clicks\n/)
  })

  it('shows the service’s own words when it does not answer a question', async () => {
    const { page } = await dashboard({ hash: '#banner=01&range=hour' })
    await page.getByText(/"01": a banner id is a whole number from 1 to/).waitFor()
    await page.getByLabel('Banner id').fill('1')
    await page.getByLabel('From (local)').fill('2024-12-12T12:00')
    await page.getByLabel('To, not included (local)').fill('2024-12-12T11:00')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByText(/"from" must be before "to"/).waitFor()
    expect(await page.getByRole('radio', { name: 'From – to' }).isChecked()).to.equal(true)
  })

  it('is used with the keyboard alone', async () => {
    await click(7, 2)
    const { page } = await dashboard()
    const focused = () =>
      page.evaluate(
        'document.activeElement.id || document.activeElement.value || document.activeElement.className',
      )
    const path: unknown[] = []
    const tab = async () => {
      await page.keyboard.press('Tab')
      path.push(await focused())
    }
    for (let stop = 0; stop < 4; stop++) await tab()
    await page.keyboard.press('ArrowRight')
    expect(path).to.deep.equal(['skip', 'local', 'banner', 'hour'])
    await page.getByLabel('Banner id').focus()
    await page.keyboard.type('7')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /^2 clicks of banner 7/ }).waitFor()
    expect(await focused()).to.equal('answer-title')
    await page.keyboard.press('Tab')
    expect(await focused()).to.equal('rows')
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`has nothing that axe-core objects to, ${colorScheme}, in any state, and fits a phone`, async () => {
      await click(7, 2)
      const { page, says, violations } = await dashboard({
        colorScheme,
        viewport: PHONE,
        hash: '#banner=7&range=hour',
      })
      await page.getByRole('heading', { name: /^2 clicks of banner 7/ }).waitFor()
      await says(/Counting\./)
      expect(await violations()).to.deep.equal([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(PHONE.width)
      await page.route('**/health', async route => {
        const health = await (await route.fetch()).json()
        const database = { ...health.database, status: 'down', lastError: 'ECONNREFUSED: somewhere' }
        await route.fulfill({ json: { ...health, status: 'degraded', database } })
      })
      await says(/Postgres has been away/)
      expect(await violations()).to.deep.equal([])
      await page.route('**/health', route => route.abort())
      await says(/does not answer/)
      expect(await violations()).to.deep.equal([])
    })
})
