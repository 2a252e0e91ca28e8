import { expect } from 'chai'
import type { Page, Request } from 'playwright-core'
import { hide, useDashboards } from './page-support.ts'

describe('the view Overview, where finer clicks than days are not there', function () {
  this.timeout(30_000)
  const dashboards = useDashboards({ hash: '' })
  const card = (page: Page, name: RegExp) => page.getByRole('article', { name })
  const textOf = async (page: Page, name: RegExp) =>
    (await card(page, name).innerText()).replaceAll('\u202f', ' ').replaceAll(/\s*[\n\t]\s*/g, '|')
  const today = "date_trunc('day', now(), 'UTC')"
  const daysAgo = (days: number | string) => `${today} - ${days} * interval '1 day'`
  const importDays = (first: number, last: number) =>
    dashboards.test.database.query(`WITH days AS (
        INSERT INTO click_days SELECT 9, ${daysAgo('n')}, 10, 0, 0 FROM generate_series(${last}, ${first}) AS n
        ON CONFLICT DO NOTHING)
      INSERT INTO click_imported
        SELECT 9, ${daysAgo('n')}, 'day', gen_random_uuid(), 10 FROM generate_series(${last}, ${first}) AS n`)
  /** At noon, so that no day begins meanwhile, and that of Berlin is that of UTC. */
  const atNoon = async (page: Page) => {
    await page.clock.setFixedTime(new Date(new Date().setUTCHours(12, 0, 0, 0)))
    await page.reload()
  }
  const complaintsIn = (page: Page) => page.locator('.board').getByRole('alert').filter({ hasText: /./ })
  const asOf = (page: Page) => page.locator('.fine', { hasText: 'As of 13:00.' })
  const isQuestion = (request: Request) => request.url().endsWith('/stats')
  /** The zones of the questions of the next round. The one about campaigns is among the last. */
  const nextRound = async (page: Page) => {
    const zones: string[] = []
    page.on('request', request => {
      if (isQuestion(request)) zones.push(request.postDataJSON().timeZone)
    })
    await hide(page, true)
    await Promise.all([
      page.waitForResponse(
        response => isQuestion(response.request()) && response.request().postDataJSON().group === 'campaign',
      ),
      hide(page, false),
    ])
    return zones.sort()
  }
  beforeEach(() =>
    dashboards.test.database.query('TRUNCATE click_minutes, click_quarters, click_days, click_imported'),
  )

  it('asks for whole days of UTC, says so, and keeps to that', async () => {
    await importDays(70, 2)
    await dashboards.test.database.query(
      `UPDATE click_history SET quarters_until = ${daysAgo(1)}, days_until = ${daysAgo(1)}`,
    )
    await dashboards.test.database.storeMinutes(
      `VALUES (9, ${daysAgo(1)} + interval '6 hours', 7), (9, ${today} + interval '1 hour', 3)`,
    )
    const { page } = await dashboards.open()
    await atNoon(page)
    await card(page, /losses/)
      .locator('.change')
      .first()
      .waitFor()
    const why =
      /Some are of whole days of UTC. The service says why: clicks of banner 9 at \S+ were imported by the day\.$/
    await asOf(page).filter({ hasText: why }).waitFor()
    expect(await textOf(page, /^Clicks today.*days of UTC/)).to.match(
      /^Clicks today until 12:00 \(days of UTC\) today yesterday\|3\|.* · whole day: 7$/i,
    )
    const days = String.raw` \(days of UTC, through \d+ \w+\)\|`
    expect(await textOf(page, /^Last 7 days.*days of UTC/)).to.match(
      new RegExp(`^Last 7 days${days}67\\|−4.3 % on the 7 days before: 70$`),
    )
    expect(await textOf(page, /^Last 30 days.*days of UTC/)).to.match(
      new RegExp(`^Last 30 days${days}297\\|−1.0 % on the 30 days before: 300$`),
    )
    for (const [name, row] of [
      [/^Most clicked banners.*days of UTC/, 'Banner 9|67|−4.3 %'],
      [/^Most clicked campaigns.*days of UTC/, 'Without a campaign|67|−4.3 %'],
      [/losses.*days of UTC/, 'Banner 9|70|67|−3'],
    ] as const)
      expect(await textOf(page, name)).to.include(row)
    await page.getByRole('img', { name: 'By day: 10, 10, 10, 10, 10, 10, 7' }).first().waitFor()
    expect(await complaintsIn(page).count()).to.equal(0)
    expect(await nextRound(page)).to.deep.equal(Array(5).fill('UTC'))
  })

  it('keeps the service’s reason where that is refused as well, once an hour, without a chart', async () => {
    await importDays(70, 1)
    const { page } = await dashboards.open()
    await atNoon(page)
    await card(page, /losses/)
      .locator('.change')
      .first()
      .waitFor()
    const first = card(page, /^Clicks today/)
    await first
      .getByRole('alert')
      .filter({ hasText: /^clicks of banner 9 at \S+ were imported by the day\.$/ })
      .waitFor()
    expect(await first.locator('.chart').isVisible()).to.equal(false)
    expect(await complaintsIn(page).count()).to.equal(1)
    expect(await nextRound(page)).to.deep.equal(['Europe/Berlin', ...Array(4).fill('UTC')])
  })

  it('shows all of it when minutes are kept for a shorter time than it reaches back', async () => {
    const keep = (time: string) =>
      dashboards.test.database.query(
        `UPDATE click_history SET minutes_from = ${time}, quarters_until = ${today}`,
      )
    try {
      await keep(daysAgo(10))
      const { page, complaints } = await dashboards.open()
      await page.getByText('No click has been counted yet').waitFor()
      await dashboards.test.database.storeMinutes(`VALUES (9, ${daysAgo(40)}, 5), (9, ${daysAgo(3)}, 2)`)
      await page.reload()
      await card(page, /^Last 30 days until/)
        .getByText('on the 30 days before: 5')
        .waitFor()
      await card(page, /^Most clicked campaigns/)
        .locator('tbody tr')
        .waitFor()
      expect(await complaintsIn(page).count()).to.equal(0)
      expect(complaints()).to.deep.equal([])
    } finally {
      await keep('NULL')
    }
  })
})
