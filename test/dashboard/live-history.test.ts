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
  const sample = (seconds: number, clicksPerSecond: number, filtered = {}) => {
    const now = Math.floor(Date.now() / 1000)
    for (let atSeconds = now - seconds + 1; atSeconds <= now; atSeconds++)
      writeSample(dashboards.test.thread.memory, {
        ...{ ...gapAt(atSeconds), clicksPerSecond, stored: 0 },
        ...filtered,
      })
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

  it('with bots and duplicates stacked below the valid clicks, where there are any', async () => {
    sample(SAMPLE_SECONDS, 500)
    const { page, value, violations } = await dashboards.open({ key: operator.text })
    await highest(page, '500').waitFor()
    expect(await page.locator('#filtered-keys').isVisible()).to.equal(false)
    expect(await value('filtered')).to.equal('')
    sample(SAMPLE_SECONDS, 500, { botsPerSecond: 100, duplicatesPerSecond: 50 })
    await page.reload()
    await page.locator('#filtered-keys').getByText('duplicates').waitFor()
    // The figures of now are the page's own: those of the service are read in the chart.
    const { x, y, width, height } = (await page.locator('[data-chart=rate]').boundingBox())!
    await page.mouse.move(x + width / 2, y + height / 2)
    await page.getByText('/s stored · 100/s of bots, 50/s duplicates').waitFor()
    // From top to bottom: all clicks, those that are no people's first ones, those of bots.
    const column = await page.evaluate<string[]>(`(() => {
      const canvas = document.querySelector('[data-chart=rate] canvas')
      const { data } = canvas.getContext('2d').getImageData(canvas.width / 2, 0, 1, canvas.height)
      return Array.from({ length: canvas.height }, (_, y) => data.slice(4 * y, 4 * y + 3).join())
    })()`)
    const lines = ['11,107,107', '107,111,118', '117,83,156'].map(colour => column.indexOf(colour))
    expect(lines[0]).to.be.greaterThan(0)
    expect(lines).to.deep.equal(lines.toSorted((a, b) => a - b))
    expect(await violations()).to.deep.equal([])
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
