import { expect } from 'chai'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { violationsIn } from '../support/axe.ts'
import { launchChromium } from '../support/chromium.ts'
import { type HttpTest, startHttpTest } from '../support/http.ts'
import type { Settings } from '../support/settings.ts'
import { watchPage } from '../support/watched-page.ts'

export interface TestPage {
  readonly page: Page
  /** The text of a panel's figure, with plain spaces between thousands. */
  value(name: string): Promise<string>
  /** Resolves when the sentence matches. */
  says(pattern: RegExp): Promise<void>
  /** Console errors, uncaught exceptions and violations of the policy since the last call. */
  complaints(): string[]
  /** What axe-core finds wrong. */
  violations(): Promise<string[]>
  /** Closes the page, and asserts that it has sent requests to the service alone. */
  close(): Promise<void>
}

/** The dashboard in a browser window of its own. `hash`: the view, Live unless it is said. `key`: who has logged in before it is opened. */
export async function openDashboard(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { hash?: string; isClockStill?: boolean; key?: string } = {},
): Promise<TestPage> {
  const { hash = '#/live', isClockStill = false, key, ...contextOptions } = options
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    ...contextOptions,
  })
  if (key !== undefined) await logIn(context, url, key)
  const page = await context.newPage()
  if (isClockStill) await stopClock(page)
  const { complaints, origins } = watchPage(page)
  await page.goto(`${url}/dashboard${hash}`)
  return {
    page,
    value: async name => plain(await page.locator(`[data-value="${name}"]`).innerText()),
    says: pattern => page.locator('.sentence').filter({ hasText: pattern }).waitFor(),
    complaints,
    violations: () => violationsIn(page),
    async close() {
      await context.close()
      expect(origins(), 'origins').to.deep.equal([url])
    },
  }
}

/** A service, and pages that show it. `test` is there once the tests run. */
export interface Dashboards {
  readonly test: HttpTest
  /** Opens a page, which is closed after the test. */
  open(options?: Parameters<typeof openDashboard>[2]): Promise<TestPage>
}

/** Gives the tests that this is called among a browser, and a service with the browser's clock. `usual`: how pages are opened. */
export function useDashboards({
  settings = {},
  ...usual
}: Parameters<typeof openDashboard>[2] & { settings?: Settings } = {}): Dashboards {
  const opened: TestPage[] = []
  let browser: Browser
  let test: HttpTest
  before(async function () {
    // It may have to be installed.
    this.timeout(300_000)
    browser = await launchChromium()
    test = await startHttpTest({ settings })
    // The browser's clock is the real one.
    test.thread.clock.nowMs = Date.now()
  })
  afterEach(async () => {
    for (const dashboard of opened.splice(0)) await dashboard.close()
  })
  after(async () => {
    await browser.close()
    await test.stop()
  })
  return {
    get test() {
      return test
    },
    async open(options) {
      const dashboard = await openDashboard(browser, test.thread.url, { ...usual, ...options })
      opened.push(dashboard)
      dashboard.page.setDefaultTimeout(10_000)
      return dashboard
    },
  }
}

/** Has the page believe that it is hidden, or seen again. */
export async function hide(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, value: ${isHidden} })
    document.dispatchEvent(new Event('visibilitychange'))
  `)
}

/** Faster than with the form. */
async function logIn({ request }: BrowserContext, url: string, key: string): Promise<void> {
  const answer = await request.post(`${url}/session`, { data: { key }, headers: { origin: url } })
  expect(answer.status(), 'the log-in').to.equal(200)
}

/** install() alone lets the clock run, and pauseAt() takes only a moment in its future. */
async function stopClock({ clock }: Page): Promise<void> {
  const nowMs = Date.now()
  await clock.install({ time: nowMs - 60_000 })
  await clock.pauseAt(nowMs)
}

function plain(text: string): string {
  return text.replaceAll('\u202f', ' ')
}
