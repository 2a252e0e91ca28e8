import { expect } from 'chai'
import type { Page, Request } from 'playwright-core'
import { newKey, snapshotOf } from '../support/keys.ts'
import { logIn } from './banners-support.ts'
import { hide, useDashboards } from './page-support.ts'

/**
 * Banners 1 to 5, each so many clicks in each hour of the last 7 days, and of the 7 before them, but for the first hour
 * of both: the clock may show the next hour meanwhile.
 */
const CLICKS = `SELECT * FROM (
    SELECT id, date_trunc('hour', now()) - interval '30 minutes' - hour * interval '1 hour' AS at,
      (CASE WHEN hour < 7 * 24 THEN $1::int[] ELSE $2::int[] END)[id] AS clicks
    FROM generate_series(1, 5) AS id, generate_series(0, 14 * 24 - 2) AS hour
    WHERE hour <> 7 * 24 - 1
  ) AS made WHERE clicks > 0`
const NAMED = `INSERT INTO banners (id, name, campaign, labels, pass_query, is_active, version, updated_at, updated_by)
  SELECT id, 'Banner number ' || id, CASE WHEN id < 3 THEN 'autumn' END, '{}', '{}', true, gen_random_uuid(), now(), 'shell'
  FROM generate_series(1, 3) AS id`
const reader = newKey(['read'])
const PHONE = { width: 360, height: 740 }
const WALL = { width: 2560, height: 1440 }

describe('the view Overview', function () {
  this.timeout(30_000)
  const dashboards = useDashboards({ hash: '' })
  const card = (page: Page, name: string | RegExp) => page.getByRole('article', { name })
  const cells = async (page: Page, name: string | RegExp) => {
    const rows = card(page, name).locator('tbody tr')
    await rows.first().waitFor()
    const texts = await rows.allInnerTexts()
    return texts.map(text =>
      text
        .replaceAll('\u202f', ' ')
        .split('\t')
        .map(cell => cell.trim()),
    )
  }
  const words = async (page: Page, name: RegExp) =>
    (await card(page, name).innerText()).replaceAll('\u202f', ' ').replaceAll(/\n+/g, '|')
  const whole = async (page: Page) =>
    card(page, /losses/)
      .locator('.change')
      .first()
      .waitFor()
  beforeEach(() => dashboards.test.thread.keyring.replace(snapshotOf([])))

  it('says what to do first as long as there was no click, and shows the first one by itself', async () => {
    const { page, complaints } = await dashboards.open({ isClockStill: true })
    await page.getByText('No click has been counted yet').waitFor()
    await page.getByText(`curl -X POST ${dashboards.test.thread.url}/counter/1`).waitFor()
    expect(await page.locator('.board').isVisible()).to.equal(false)
    await fetch(`${dashboards.test.thread.url}/counter/4`)
    await page.clock.runFor(10_000)
    await card(page, /^Clicks today/)
      .getByText('1', { exact: true })
      .waitFor()
    for (const list of [/^Most clicked banners/, /^Most clicked campaigns/])
      expect(await card(page, list).innerText()).to.match(
        /until \d\d:00\s+None\. Clicks are in this list from the next full hour on\.$/,
      )
    await page.clock.fastForward(3_600_000)
    const rows = card(page, /^Most clicked banners/).locator('tbody tr')
    await rows.filter({ hasText: /^Banner 41new$/ }).waitFor()
    expect(await page.getByText('No click has been counted yet').isVisible()).to.equal(false)
    expect(complaints()).to.deep.equal([])
    await page.getByRole('link', { name: 'Banner 4' }).first().click()
    expect(new URL(page.url()).hash).to.equal('#/banner?id=4')
  })

  it('shows clicks of today, of 7 and of 30 days, and which banners and campaigns have them', async () => {
    await dashboards.test.database.query(NAMED)
    await dashboards.test.database.storeMinutes(CLICKS, [
      [10, 3, 2, 0, 0],
      [5, 6, 2, 1, 4],
    ])
    await dashboards.test.database.storeMinutes("VALUES (1, now() - interval '3 days', 0, 12, 1)")
    const { page, complaints, says } = await dashboards.open({ timezoneId: 'Asia/Kathmandu' })
    await says(/Counting\./)
    await whole(page)
    expect(await cells(page, /^Most clicked banners/)).to.deep.equal([
      ['Banner number 1', '', '1 670', '+100 %'],
      ['Banner number 2', '', '501', '−50 %'],
      ['Banner number 3', '', '334', '±0 %'],
    ])
    expect(await cells(page, /^Most clicked campaigns/)).to.deep.equal([
      ['autumn', '', '2 171', '+18 %'],
      ['Without a campaign', '', '334', '−71 %'],
    ])
    expect(await cells(page, /gains/)).to.deep.equal([['Banner number 1', '835', '1 670', '+835']])
    expect(await cells(page, /losses/)).to.deep.equal([
      ['Banner 5', '668', '0', '−668'],
      ['Banner number 2', '1 002', '501', '−501'],
      ['Banner 4', '167', '0', '−167'],
    ])
    expect(await words(page, /^Last 7 days until/)).to.match(
      /^Last 7 days until \d\d:45\|2 505\|−17 % on the 7 days before: 3 006\|Not among them: 12 of bots, 1 duplicate\.$/,
    )
    expect(await words(page, /^Last 30 days until/)).to.match(
      /^Last 30 days until \d\d:45\|5 511\|The 30 days before: no click\|Not among them: 12 of bots, 1 duplicate\.$/,
    )
    const today = await words(page, /^Clicks today/)
    expect(today).to.match(
      /^Clicks today until \d\d:\d\d today yesterday\|\d+\|(?:.* on yesterday until |Yesterday)/,
    )
    const label = /^Clicks by quarter of an hour: \d+ today so far, 360 yesterday\.$/
    await page.getByRole('img', { name: label }).waitFor()
    const curve = card(page, /^Most clicked banners/)
      .getByRole('img')
      .first()
    expect(await curve.getAttribute('aria-label')).to.match(/^By day: (?:240, ){5}240; until \d\d:45 \d+$/)
    expect(await page.locator('.fine', { hasText: 'As of' }).innerText()).to.match(/Asia\/Kath?mandu/)
    await page.locator('.card.today .chart').hover()
    await card(page, /^Clicks today/)
      .getByText(/^\d\d:\d\d: .* · yesterday \d/)
      .waitFor()
    expect(complaints()).to.deep.equal([])
  })

  it('asks six questions at most, two at once, each minute, in the zone that is chosen, and never while it is hidden', async () => {
    const { page } = await dashboards.open({ isClockStill: true })
    await whole(page)
    const zones: string[] = []
    let [running, most] = [0, 0]
    const isQuestion = (request: Request) => request.url().endsWith('/stats')
    page.on('request', request => {
      if (!isQuestion(request)) return
      zones.push(request.postDataJSON().timeZone)
      most = Math.max(most, ++running)
    })
    page.on('requestfinished', request => {
      if (isQuestion(request)) running--
    })
    const answered = () =>
      page.waitForResponse(response => response.request().postDataJSON()?.ids !== undefined)
    const [first] = await Promise.all([answered(), page.clock.runFor(60_000)])
    await first.finished()
    expect({ zones, most }).to.deep.equal({ zones: Array(6).fill('Europe/Berlin'), most: 2 })
    zones.length = 0
    await hide(page, true)
    await page.clock.runFor(180_000)
    expect(zones).to.deep.equal([])
    await Promise.all([answered(), hide(page, false)])
    await Promise.all([answered(), page.getByRole('radio', { name: 'UTC' }).check()])
    expect(zones).to.deep.equal([...Array(6).fill('Europe/Berlin'), ...Array(6).fill('UTC')])
    expect(
      await card(page, /^Most clicked banners/)
        .getByRole('link')
        .first()
        .getAttribute('href'),
    ).to.equal('#/banner?id=1&zone=utc')
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    zones.length = 0
    await page.clock.runFor(180_000)
    expect(zones).to.deep.equal([])
  })

  it('says what is wrong with a part beside it, and with all of them once, and how old its figures are', async () => {
    const { page } = await dashboards.open({ isClockStill: true })
    await whole(page)
    let refuses = (question: { group?: string }) => question.group === 'campaign'
    let answer = { status: 400, message: 'this would read 90 million rows: ask for fewer days' }
    await page.route('**/stats', route =>
      refuses(route.request().postDataJSON())
        ? route.fulfill({
            status: answer.status,
            json: { statusCode: answer.status, message: answer.message },
          })
        : route.continue(),
    )
    const time = await page.evaluate<string>(
      "document.querySelector('.fine:last-child').textContent.slice(6, 11)",
    )
    await page.clock.runFor(60_000)
    const campaigns = card(page, /^Most clicked campaigns/)
    await campaigns
      .getByRole('alert')
      .filter({ hasText: `this would read 90 million rows. These figures are as of ${time}.` })
      .waitFor()
    expect(await cells(page, /^Most clicked campaigns/)).to.have.length(2)
    await page
      .locator('.fine', { hasText: 'As of' })
      .filter({ hasNotText: `As of ${time}` })
      .waitFor()
    answer = { status: 503, message: 'Postgres is away' }
    refuses = () => true
    await page.clock.runFor(60_000)
    await page.locator('#overview > .problem', { hasText: /^Postgres is away$/ }).waitFor()
    expect(await page.getByText('Postgres is away').count()).to.equal(1)
    expect(await words(page, /^Last 7 days/)).to.include('|2 505|')
    await page.unroute('**/stats')
    await page.clock.runFor(10_000)
    await page.locator('#overview > .problem', { hasText: /^$/ }).waitFor({ state: 'hidden' })
  })

  it('asks for a key once, and shows the rest after the log-in', async () => {
    dashboards.test.thread.keyring.replace(snapshotOf([reader]))
    const { page } = await dashboards.open()
    await page.getByText('Log in with a key to see clicks. They are shown then.').waitFor()
    await page.locator('#key:focus').waitFor()
    expect(await page.locator('#overview').getByRole('alert').filter({ hasText: 'Log in' }).count()).to.equal(
      1,
    )
    await logIn(page, reader.text)
    await whole(page)
    expect(await page.locator('#overview > .problem').isVisible()).to.equal(false)
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`has nothing that axe-core objects to, ${colorScheme}, and fits a phone and a wall`, async () => {
      const { page, violations } = await dashboards.open({ colorScheme, viewport: PHONE })
      await whole(page)
      expect(await violations()).to.deep.equal([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(PHONE.width)
      await page.setViewportSize(WALL)
      await page.waitForFunction(
        `document.querySelector('.board').getBoundingClientRect().bottom <= ${WALL.height}`,
      )
      expect(await violations()).to.deep.equal([])
    })
})
