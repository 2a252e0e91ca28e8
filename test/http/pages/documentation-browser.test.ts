import { expect } from 'chai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { violationsIn } from '../../support/axe.ts'
import { launchChromium } from '../../support/chromium.ts'
import { type HttpTest, startHttpTest } from '../../support/http.ts'
import { NO_KEYS, newKey, snapshotOf } from '../../support/keys.ts'
import { startPrefixProxy } from '../../support/prefix-proxy.ts'
import { watchPage } from '../../support/watched-page.ts'

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

  const bulkOf = (page: Page) => page.locator('#operations-Counting-countMany')

  async function open(url: string, options: BrowserContextOptions = {}) {
    const page = await browser.newPage(options)
    const watched = watchPage(page)
    await page.goto(`${url}/documentation`)
    await bulkOf(page).waitFor()
    return { page, ...watched }
  }

  async function tryOut(page: Page): Promise<void> {
    const bulk = bulkOf(page)
    await bulk.locator('.opblock-summary-control').click()
    await bulk.getByRole('button', { name: 'Try it out' }).click()
    await bulk.getByRole('button', { name: 'Execute' }).click()
    await bulk.locator('.live-responses-table .response-col_status', { hasText: '202' }).waitFor()
  }

  it('lists every operation and tries one out, loads from this service alone and keeps to the policy', async () => {
    const { page, complaints, origins } = await open(test.thread.url)
    const document = (await (await fetch(`${test.thread.url}/openapi.json`)).json()) as { paths: object }
    const operationCount = Object.values(document.paths).flatMap(path => Object.keys(path)).length
    expect(await page.locator('.opblock').count()).to.equal(operationCount)
    expect(await test.clicksCounted(() => tryOut(page))).to.equal(6)
    expect(new URL(page.url()).hash).to.equal('#/Counting/countMany')
    expect(complaints()).to.deep.equal([])
    expect(origins()).to.deep.equal([test.thread.url])
  })

  it('takes a key, sends it, keeps it in memory alone, and says without one what is missing', async () => {
    const counter = newKey(['count'])
    test.thread.keyring.replace(snapshotOf([counter]))
    const { page, complaints } = await open(test.thread.url)
    page.setDefaultTimeout(5000)
    await page.getByRole('button', { name: 'Authorize' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Value').fill(counter.text)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.locator(colorScheme === 'dark' ? 'html.dark-mode' : 'html:not(.dark-mode)').waitFor()
      expect(await violationsIn(page), colorScheme).to.deep.equal([])
    }
    await dialog.getByRole('button', { name: 'Authorize' }).click()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    expect(await test.clicksCounted(() => tryOut(page))).to.equal(6)
    expect(complaints()).to.deep.equal([])
    const kept = await page.evaluate<string[]>(
      '[location.href, document.cookie, ...Object.values(localStorage), ...Object.values(sessionStorage)]',
    )
    expect(kept.join()).not.to.include(counter.text)
    await page.reload()
    await bulkOf(page).waitFor()
    await bulkOf(page).getByRole('button', { name: 'Try it out' }).click()
    await bulkOf(page).getByRole('button', { name: 'Execute' }).click()
    await bulkOf(page).locator('.live-responses-table .response-col_status', { hasText: '401' }).waitFor()
    test.thread.keyring.replace(NO_KEYS)
    await page.close()
  })

  it('is the same below a path of a proxy, and so is the dashboard that it links to', async () => {
    const proxy = await startPrefixProxy(test.thread.url, '/clicks')
    const { page, complaints } = await open(`${proxy.origin}/clicks`)
    expect(await test.clicksCounted(() => tryOut(page))).to.equal(6)
    await page.getByRole('link', { name: 'Live' }).click()
    await page.locator('.sentence', { hasText: 'Counting.' }).waitFor()
    await page.getByRole('link', { name: 'Banner', exact: true }).click()
    await page.getByLabel('Banner id').fill('2')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('heading', { name: 'Banner 2' }).waitFor()
    await page.getByRole('link', { name: 'Documentation' }).click()
    await bulkOf(page).waitFor()
    expect(new URL(page.url()).pathname).to.equal('/clicks/documentation')
    // The browser's own words: nobody has registered the banner.
    expect(complaints()).to.deep.equal([
      'Failed to load resource: the server responded with a status of 404 (Not Found)',
    ])
    expect(proxy.strays).to.deep.equal([])
    await page.close()
    proxy.close()
  })

  it('has nothing that axe-core objects to, light and dark, and fits a phone', async () => {
    const viewport = { width: 360, height: 740 }
    const { page } = await open(test.thread.url, { colorScheme: 'light', viewport })
    await tryOut(page)
    await bulkOf(page).getByRole('tab', { name: 'Schema' }).first().click()
    const backgrounds: unknown[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.locator(colorScheme === 'dark' ? 'html.dark-mode' : 'html:not(.dark-mode)').waitFor()
      backgrounds.push(await page.evaluate('getComputedStyle(document.body).backgroundColor'))
      expect(await violationsIn(page), colorScheme).to.deep.equal([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(viewport.width)
    }
    expect(backgrounds).to.deep.equal(['rgb(250, 249, 247)', 'rgb(16, 19, 23)'])
  })
})
