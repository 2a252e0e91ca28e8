import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'
import { type HttpTest, startHttpTest } from '../support/http.ts'
import { openDashboard, type TestPage } from './page-support.ts'

const PHONE = { width: 360, height: 740 }
/** On how many lines the name of each line of a chart is, with its colour. */
const LINES_OF_KEYS = "Array.from(document.querySelectorAll('.key'), key => key.getClientRects().length)"

describe('the dashboard’s page', function () {
  this.timeout(30_000)
  let browser: Browser
  let test: HttpTest
  let open: TestPage[]
  const dashboard = async (options: Parameters<typeof openDashboard>[2] = {}) => {
    const page = await openDashboard(browser, test.thread.url, options)
    open.push(page)
    return page
  }
  const click = async (bannerId: number, times: number) => {
    for (let time = 0; time < times; time++) await fetch(`${test.thread.url}/counter/${bannerId}`)
  }
  before(async function () {
    // It may have to be installed.
    this.timeout(300_000)
    browser = await launchChromium()
    test = await startHttpTest()
    // The browser's clock is the real one.
    test.thread.clock.nowMs = Date.now()
  })
  beforeEach(() => {
    open = []
  })
  afterEach(async () => {
    for (const page of open) await page.close()
  })
  after(async () => {
    await browser.close()
    await test.stop()
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
    expect(new URL(page.url()).hash).to.equal('#/live?banner=7&range=week')

    const shared = await dashboard({ hash: '#banner=8&range=hour&zone=utc' })
    await shared.page.getByRole('heading', { name: /^3 clicks of banner 8, from .* UTC$/ }).waitFor()
    // Not of today: that may have begun after the clicks.
    await shared.page.evaluate("location.hash = '#banner=7&range=week&zone=utc'")
    await shared.page.getByRole('heading', { name: /^5 clicks of banner 7, from .* UTC$/ }).waitFor()
    expect([...complaints(), ...shared.complaints()]).to.deep.equal([])
  })

  it('shows the same moments in local time and UTC, and a thousand rows at the most', async () => {
    await test.database.storeMinutes(
      `SELECT 9, timestamptz '2024-12-12 10:00Z' + g * interval '1 minute', 1 + g % 7
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
    await page.getByRole('radio', { name: 'Local time' }).check()
    expect(await first.innerText()).to.equal('12 Dec 2024, 11:00')
    expect(await page.locator('#minutes-chart .uplot').count()).to.equal(1)
    expect(complaints()).to.deep.equal([])
  })

  it('says so when there are no clicks to show, and then shows the next answer', async () => {
    const { page } = await dashboard()
    await page.getByText('Type the id of a banner').waitFor()
    await page.getByLabel('Banner id').fill('999')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('heading', { name: /^No click of banner 999, from/ }).waitFor()
    expect(await page.locator('#invitation').isVisible()).to.equal(false)
    expect(await page.locator('#result').isVisible()).to.equal(false)
    await click(22, 1)
    await page.getByLabel('Banner id').fill('22')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('heading', { name: /^1 click of banner 22, from/ }).waitFor()
    expect(await page.locator('#result').isVisible()).to.equal(true)
    await page.getByText('1 minute has clicks.').waitFor()
  })

  it('downloads the answer as CSV', async () => {
    await test.database.storeMinutes(
      `VALUES (20, '2024-12-12 10:00Z', 4), (20, '2024-12-12 10:59Z', 2), (20, '2024-12-12 11:00Z', 1)`,
    )
    const { page, complaints } = await dashboard({
      hash: '#banner=20&range=own&from=2024-12-12T10:00Z&to=2024-12-12T11:00Z',
    })
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ])
    expect(download.suggestedFilename()).to.equal('clicks-20-20241212T1000Z-20241212T1100Z.csv')
    const rows = (await readFile(await download.path(), 'utf8')).split('\r\n')
    expect(rows).to.deep.equal(['ts,clicks', '2024-12-12T10:00:00Z,4', '2024-12-12T10:59:00Z,2', ''])
    expect(complaints()).to.deep.equal([])
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

  it('shows no answer that broke off', async () => {
    const { page } = await dashboard()
    await page.route('**/stats/7', route =>
      route.fulfill({ contentType: 'application/json', body: '{"total":' }),
    )
    await page.getByLabel('Banner id').fill('7')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByText('The service did not answer, or its answer broke off. Ask again later.').waitFor()
  })

  it('does not ask while it is hidden, and asks at once when it is shown', async () => {
    const { page, says } = await dashboard({ isClockStill: true })
    await says(/Counting\./)
    const show = (isHidden: boolean) =>
      page.evaluate(`
        Object.defineProperty(document, 'hidden', { configurable: true, value: ${isHidden} })
        document.dispatchEvent(new Event('visibilitychange'))
      `)
    let requests = 0
    page.on('request', request => {
      if (request.url().endsWith('/health')) requests++
    })
    await show(true)
    await page.clock.runFor(10_000)
    expect(requests).to.equal(0)
    await click(21, 1)
    const { clicks } = await test.health()
    await show(false)
    // Until the page shows it: being sent is not enough.
    await page.locator('[data-value="accepted"]', { hasText: String(clicks.accepted) }).waitFor()
  })

  it('is used with the keyboard alone', async () => {
    await click(17, 2)
    const { page } = await dashboard()
    const focused = () =>
      page.evaluate(
        'document.activeElement.id || document.activeElement.value || document.activeElement.className || document.activeElement.textContent',
      )
    const path: unknown[] = []
    const tab = async () => {
      await page.keyboard.press('Tab')
      path.push(await focused())
    }
    for (let stop = 0; stop < 8; stop++) await tab()
    await page.keyboard.press('ArrowRight')
    expect(path).to.deep.equal([
      'skip',
      'Live',
      'Banners',
      'Banner',
      'Documentation',
      'local',
      'explored',
      'hour',
    ])
    await page.getByLabel('Banner id').focus()
    await page.keyboard.type('17')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /^2 clicks of banner 17/ }).waitFor()
    expect(await focused()).to.equal('answer-title')
    await page.keyboard.press('Tab')
    expect(await focused()).to.equal('rows')
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`has nothing that axe-core objects to, ${colorScheme}, in any state, and fits a phone`, async () => {
      await click(colorScheme === 'light' ? 18 : 19, 2)
      const { page, says, violations } = await dashboard({
        colorScheme,
        viewport: PHONE,
        hash: `#banner=${colorScheme === 'light' ? 18 : 19}&range=hour`,
      })
      await page.getByRole('heading', { name: /^2 clicks of banner 1[89]/ }).waitFor()
      await says(/Counting\./)
      expect(await violations()).to.deep.equal([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(PHONE.width)
      expect(await page.evaluate(LINES_OF_KEYS), 'a colour and its name').to.deep.equal(Array(7).fill(1))
      await page.route('**/health', async route => {
        const health = await (await route.fetch()).json()
        const downSince = new Date().toISOString()
        const database = {
          ...health.database,
          status: 'down',
          downSince,
          lastError: 'ECONNREFUSED: somewhere',
        }
        const reasons = [
          { reason: 'database_down', since: downSince, detail: 'ECONNREFUSED: somewhere' },
          { reason: 'journal_odd_files', since: downSince, detail: 'A file is odd: move it away.' },
        ]
        await route.fulfill({
          json: { ...health, status: 'degraded', reason: 'database_down', reasons, database },
        })
      })
      await says(/Postgres has been away/)
      await page.getByRole('listitem').filter({ hasText: 'A file is odd: move it away.' }).waitFor()
      expect(await violations()).to.deep.equal([])
      await page.route('**/health', route => route.abort())
      await says(/does not answer/)
      expect(await violations()).to.deep.equal([])
    })
})
