import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'
import { type HttpTest, startHttpTest } from '../support/http.ts'
import { watchPage } from '../support/watched-page.ts'

describe('the documentation in a browser', function () {
  this.timeout(30_000)
  let browser: Browser
  let test: HttpTest
  before(async function () {
    // It may have to be installed.
    this.timeout(300_000)
    browser = await launchChromium()
    test = await startHttpTest()
  })
  after(async () => {
    await browser.close()
    await test.stop()
  })

  it('lists every operation and tries one out, of this service alone and within its policy', async () => {
    const page = await browser.newPage()
    const { complaints, origins } = watchPage(page)
    await page.goto(`${test.thread.url}/documentation`)
    await page.locator('#operations-Counting-countMany').waitFor()
    const document = (await (await fetch(`${test.thread.url}/openapi.json`)).json()) as { paths: object }
    const operationCount = Object.values(document.paths).flatMap(path => Object.keys(path)).length
    expect(await page.locator('.opblock').count()).to.equal(operationCount)

    const counted = await test.clicksCounted(async () => {
      const bulk = page.locator('#operations-Counting-countMany')
      await bulk.locator('.opblock-summary-control').click()
      await bulk.getByRole('button', { name: 'Try it out' }).click()
      await bulk.getByRole('button', { name: 'Execute' }).click()
      await bulk.locator('.live-responses-table .response-col_status', { hasText: '202' }).waitFor()
    })
    expect(counted).to.equal(6)
    expect(complaints()).to.deep.equal([])
    expect(origins()).to.deep.equal([test.thread.url])
  })
})
