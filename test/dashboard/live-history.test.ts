import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { writeSample } from '../../lib/books/samples.ts'
import { gapAt } from '../../lib/dashboard/page/history.js'
import { SAMPLE_SECONDS } from '../../lib/memory/layout.ts'
import { launchChromium } from '../support/chromium.ts'
import { type HttpTest, startHttpTest } from '../support/http.ts'
import { newKey, snapshotOf } from '../support/keys.ts'
import { openDashboard, type TestPage } from './page-support.ts'

const operator = newKey(['read', 'operate'])

describe('the dashboard shows the last 15 minutes of the service', function () {
  this.timeout(30_000)
  let browser: Browser
  let test: HttpTest
  let dashboard: TestPage | null = null
  const open = async (options: Parameters<typeof openDashboard>[2] = {}) => {
    dashboard = await openDashboard(browser, test.thread.url, options)
    return dashboard
  }
  /** As main does, second by second, up to now. */
  const sample = (seconds: number, clicksPerSecond: number) => {
    const now = Math.floor(Date.now() / 1000)
    for (let atSeconds = now - seconds + 1; atSeconds <= now; atSeconds++)
      writeSample(test.thread.memory, { ...gapAt(atSeconds), clicksPerSecond, stored: 0 })
  }
  const highest = (page: Page, figure: string) =>
    page.getByRole('img', { name: new RegExp(`^Clicks per second: now .*, highest ${figure}\\.`) })
  const show = (page: Page, isShown: boolean) =>
    page.evaluate(`
      Object.defineProperty(document, 'hidden', { configurable: true, value: ${!isShown} })
      document.dispatchEvent(new Event('visibilitychange'))
    `)
  before(async function () {
    // It may have to be installed.
    this.timeout(300_000)
    browser = await launchChromium()
    test = await startHttpTest({ settings: { HEALTH_IS_PUBLIC: 'false' } })
    // The browser's clock is the real one.
    test.thread.clock.nowMs = Date.now()
    test.thread.keyring.replace(snapshotOf([operator]))
  })
  afterEach(async () => {
    await dashboard?.close()
    dashboard = null
  })
  after(async () => {
    await browser.close()
    await test.stop()
  })

  it('at once, after a reload as well, and what it has missed while it was hidden', async () => {
    sample(SAMPLE_SECONDS, 500)
    const { page, complaints } = await open({ key: operator.text, isClockStill: true })
    await highest(page, '500').waitFor()
    await page.getByText(/^Charts: the last 15\smin\. Point at a chart/).waitFor()
    await page.reload()
    await highest(page, '500').waitFor()
    await show(page, false)
    await page.clock.runFor(10_000)
    sample(5, 700)
    await show(page, true)
    await highest(page, '700').waitFor()
    expect(await page.evaluate('sessionStorage.length')).to.equal(0)
    expect(complaints()).to.deep.equal([])
  })

  it('as soon as somebody has logged in who may see them', async () => {
    sample(SAMPLE_SECONDS, 500)
    const { page, says } = await open()
    await says(/log in with a key that has the scope operate/)
    await page.getByLabel('Key', { exact: true }).fill(operator.text)
    await page.getByRole('button', { name: 'Log in' }).click()
    await highest(page, '500').waitFor()
  })

  it('but for a service of before that, with which the charts begin when the page is opened', async () => {
    sample(SAMPLE_SECONDS, 500)
    const { page, says } = await open({ key: operator.text, isClockStill: true })
    await page.route('**/health/history', route =>
      route.fulfill({ status: 404, json: { statusCode: 404, error: 'Not Found', message: 'Not Found' } }),
    )
    await page.reload()
    await says(/Counting\./)
    await highest(page, '0').waitFor()
    await page.clock.runFor(2000)
    await highest(page, '0').waitFor()
    await page.getByText(/^Charts: the last 1\smin\. They grow to 15 minutes\./).waitFor()
  })
})
