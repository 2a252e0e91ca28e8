import { expect } from 'chai'
import { hide, useDashboards } from './page-support.ts'

const PHONE = { width: 360, height: 740 }
/** On how many lines the name of each line of a chart is, with its colour. */
const LINES_OF_KEYS =
  "Array.from(document.querySelectorAll('.key')).filter(key => key.checkVisibility()).map(key => key.getClientRects().length)"

/** Figures of the last panel that reach into its edge, in pixels. */
const BEYOND_EDGE = `Array.from(document.querySelectorAll('dl > div'), row => row.scrollWidth - row.parentElement.clientWidth)
  .filter(pixels => pixels > 0)`

describe('the dashboard’s page', function () {
  this.timeout(30_000)
  const dashboards = useDashboards()
  const click = async (bannerId: number, times: number) => {
    for (let time = 0; time < times; time++) await fetch(`${dashboards.test.thread.url}/counter/${bannerId}`)
  }

  it('does not ask while it is hidden, and asks at once when it is shown', async () => {
    const { page, says } = await dashboards.open({ isClockStill: true })
    await says(/Counting\./)
    let requests = 0
    page.on('request', request => {
      if (request.url().endsWith('/health')) requests++
    })
    await hide(page, true)
    await page.clock.runFor(10_000)
    expect(requests).to.equal(0)
    await click(21, 1)
    const { clicks } = await dashboards.test.health()
    await hide(page, false)
    // Until the page shows it: being sent is not enough.
    await page.locator('[data-value="accepted"]', { hasText: String(clicks.accepted) }).waitFor()
  })

  it('is used with the keyboard alone', async () => {
    const { page } = await dashboards.open({ hash: '#/live' })
    const focused = () =>
      page.evaluate(
        'document.activeElement.id || document.activeElement.value || document.activeElement.textContent',
      )
    const path: unknown[] = []
    for (let stop = 0; stop < 8; stop++) {
      await page.keyboard.press('Tab')
      path.push(await focused())
    }
    expect(path).to.deep.equal([
      'skip',
      'Overview',
      'Live',
      'Banners',
      'Banner',
      'Fleet',
      'Documentation',
      'local',
    ])
    await page.keyboard.press('ArrowRight')
    expect(new URL(page.url()).hash).to.equal('#/live?zone=utc')
    await page.locator('#skip').focus()
    await page.keyboard.press('Enter')
    expect(await focused()).to.equal('panels')
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`has nothing that axe-core objects to, ${colorScheme}, in any state, and fits a phone`, async () => {
      const { page, says, violations } = await dashboards.open({
        colorScheme,
        viewport: PHONE,
        hash: '#/live',
      })
      await says(/Counting\./)
      expect(await violations()).to.deep.equal([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(PHONE.width)
      expect(await page.evaluate(LINES_OF_KEYS), 'a colour and its name').to.deep.equal(Array(7).fill(1))
      await page.route('**/health', async route => {
        const health = await (await route.fetch()).json()
        await route.fulfill({ json: { ...health, ring: { ...health.ring, slots: 4_194_304 } } })
      })
      await page.locator('[data-value="slots"]', { hasText: /4.194.304/ }).waitFor()
      expect(await page.evaluate(BEYOND_EDGE)).to.deep.equal([])
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
