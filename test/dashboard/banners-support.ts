import { expect } from 'chai'
import type { Browser, Page, Request } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'
import { type HttpTest, startHttpTest } from '../support/http.ts'
import { newKey, snapshotOf, type TestKey } from '../support/keys.ts'
import { openDashboard, type TestPage } from './page-support.ts'

export const manager = { ...newKey(['read', 'manage']), name: 'newsroom' }
export const other = { ...newKey(['read', 'manage']), name: 'Ada' }
export const reader = { ...newKey(['read']), name: 'auditor' }

/** What a banner has unless a test says something else. */
const USUAL = { target: 'https://shop.example/', campaign: null, labels: [] as string[], isActive: true }

/** Chromium, a service with keys, and what tests of the view Banners do with both. */
export class BannersWorld {
  readonly browser: Browser
  readonly test: HttpTest
  #open: TestPage[] = []

  private constructor(browser: Browser, test: HttpTest) {
    this.browser = browser
    this.test = test
  }

  static async start(): Promise<BannersWorld> {
    const world = new BannersWorld(await launchChromium(), await startHttpTest())
    // The browser's clock is the real one.
    world.test.thread.clock.nowMs = Date.now()
    return world
  }

  /** Without banners, with all keys in force, and nobody logged in. */
  async begin(): Promise<void> {
    this.test.thread.keyring.replace(snapshotOf([manager, other, reader]))
    for (const table of ['banners', 'banner_changes', 'click_minutes', 'click_quarters', 'click_days'])
      await this.test.database.query(`DELETE FROM ${table}`)
  }

  /** Closes the pages. */
  async end(): Promise<void> {
    for (const page of this.#open.splice(0)) await page.close()
  }

  async stop(): Promise<void> {
    await this.browser.close()
    await this.test.stop()
  }

  /** Opens the view. `key`: who is logged in; null: nobody. */
  async open(
    hash = '#/banners',
    options: Omit<NonNullable<Parameters<typeof openDashboard>[2]>, 'key'> & { key?: TestKey | null } = {},
  ): Promise<TestPage> {
    const { key = manager, ...rest } = options
    const as = key === null ? {} : { key: key.text }
    const dashboard = await openDashboard(this.browser, this.test.thread.url, { hash, ...rest, ...as })
    this.#open.push(dashboard)
    dashboard.page.setDefaultTimeout(10_000)
    return dashboard
  }

  /** As another program: sends a request with a key. */
  async ask(method: string, path: string, body?: object, key = other): Promise<Response> {
    return fetch(`${this.test.thread.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key.text}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  /** Registers a banner. */
  async register(id: number, content: object): Promise<void> {
    const answer = await this.ask('PUT', `/banners/${id}`, { ...USUAL, ...content })
    expect(answer.status, await answer.text()).to.equal(201)
  }

  /** As when a banner got so many clicks in that minute. */
  async clicked(bannerId: number, time: string, clicks: number): Promise<void> {
    await this.test.database.storeMinutes('VALUES ($1, $2, $3)', [bannerId, time, clicks])
  }

  /** Registers so many: every third id from 3 on. Faster than by the service, and without a history. */
  async registerMany(count: number): Promise<void> {
    await this.test.database.query(
      `INSERT INTO banners
         (id, name, target, campaign, labels, pass_query, is_active, version, updated_at, updated_by)
       SELECT 3 * n, 'Banner number ' || n, 'https://shop.example/' || n, 'campaign ' || n % 7, '{}', '{}',
         n % 10 <> 0, gen_random_uuid(), now(), 'shell'
       FROM generate_series(1, $1) AS n`,
      [count],
    )
  }
}

/** Gives the tests that this is called among a world, which begins anew with each of them. */
export function useWorld(take: (world: BannersWorld) => void): void {
  let world: BannersWorld
  before(async function () {
    // The browser may have to be installed.
    this.timeout(300_000)
    world = await BannersWorld.start()
    take(world)
  })
  beforeEach(() => world.begin())
  afterEach(() => world.end())
  after(() => world.stop())
}

export async function logIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Key', { exact: true }).fill(key)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('Logged in with the key').waitFor()
}

/** The ids of the rows on screen. */
export async function idsOf(page: Page): Promise<number[]> {
  return (await page.locator('#banner-rows .id').allTextContents()).map(Number)
}

/** Resolves when the first row on screen is this banner's. */
export async function untilFirst(page: Page, id: number): Promise<void> {
  await page.locator(`#banner-rows tr:first-child .id:text-is("${id}")`).waitFor()
}

/** Resolves when the clicks of the rows are shown, and with it all that is asked for at once. */
export async function untilClicks(page: Page): Promise<void> {
  await page.locator('#banner-rows .today', { hasText: /\d/ }).first().waitFor()
}

/** Resolves when the page has told these words of the list to screen readers. */
export async function says(page: Page, words: string): Promise<void> {
  await page.locator('#list-news').filter({ hasText: words }).waitFor()
}

/** The row of a banner. */
export function rowOf(page: Page, id: number) {
  return page.locator('#banner-rows tr').filter({ has: page.locator(`.id:text-is("${id}")`) })
}

/** Opens a banner's dialog. */
export async function openBanner(page: Page, id: number) {
  await rowOf(page, id).locator('button.name').click()
  return page.getByRole('dialog')
}

/** The questions about banners and clicks that the page sends from now on, as `GET /banners?…`. */
export function requestsOf(page: Page): string[] {
  const seen: string[] = []
  page.on('request', (request: Request) => {
    const { pathname, search } = new URL(request.url())
    if (/^\/(banners|stats)/.test(pathname)) seen.push(`${request.method()} ${pathname}${search}`)
  })
  return seen
}

/** Resolves when the test knows of each request that the page has sent so far. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate("fetch('session').then(answer => answer.text())")
}
