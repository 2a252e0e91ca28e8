import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { writeSample } from '../../lib/books/samples.ts'
import { gapAt } from '../../lib/dashboard/page/history.js'
import { SAMPLE_SECONDS } from '../../lib/memory/layout.ts'
import { newKey, snapshotOf } from '../support/keys.ts'
import { hide, useDashboards } from './page-support.ts'

const operator = newKey(['read', 'operate'])

describe('the dashboard shows the last 15 minutes of the service', function () {
  this.timeout(30_000)
  const dashboards = useDashboards({ settings: { HEALTH_IS_PUBLIC: 'false' } })
  /** As main does, second by second, up to now. */
  const sample = (seconds: number, clicksPerSecond: number) => {
    const now = Math.floor(Date.now() / 1000)
    for (let atSeconds = now - seconds + 1; atSeconds <= now; atSeconds++)
      writeSample(dashboards.test.thread.memory, { ...gapAt(atSeconds), clicksPerSecond, stored: 0 })
  }
  const highest = (page: Page, figure: string) =>
    page.getByRole('img', { name: new RegExp(`^Clicks per second: now .*, highest ${figure}\\.`) })
  before(() => dashboards.test.thread.keyring.replace(snapshotOf([operator])))

  it('at once, after a reload as well, and what it has missed while it was hidden', async () => {
    sample(SAMPLE_SECONDS, 500)
    const { page, complaints } = await dashboards.open({ key: operator.text, isClockStill: true })
    await highest(page, '500').waitFor()
    await page.getByText(/^Charts: the last 15\smin\. Point at a chart/).waitFor()
    await page.reload()
    await highest(page, '500').waitFor()
    await hide(page, true)
    await page.clock.runFor(10_000)
    sample(5, 700)
    await hide(page, false)
    await highest(page, '700').waitFor()
    expect(await page.evaluate('sessionStorage.length')).to.equal(0)
    expect(complaints()).to.deep.equal([])
  })

  it('as soon as somebody has logged in who may see them', async () => {
    sample(SAMPLE_SECONDS, 500)
    const { page, says } = await dashboards.open()
    await says(/log in with a key that has the scope operate/)
    await page.getByLabel('Key', { exact: true }).fill(operator.text)
    await page.getByRole('button', { name: 'Log in' }).click()
    await highest(page, '500').waitFor()
  })

  it('but for a service of before that, with which the charts begin when the page is opened', async () => {
    sample(SAMPLE_SECONDS, 500)
    const { page, says } = await dashboards.open({ key: operator.text, isClockStill: true })
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
