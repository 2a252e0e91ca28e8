import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { type BannersWorld, logIn, manager, requestsOf, rowOf, settled, useWorld } from './banners-support.ts'
import { hide } from './page-support.ts'

const PHONE = { width: 360, height: 740 }
const HOUR = '#/banner?id=20&range=own&from=2024-12-12T10:00Z&to=2024-12-12T11:00Z'

describe('the view Banner', function () {
  this.timeout(30_000)
  let world: BannersWorld
  const click = async (bannerId: number, times: number) => {
    for (let time = 0; time < times; time++) await fetch(`${world.test.thread.url}/counter/${bannerId}`)
  }
  useWorld(made => {
    world = made
  })

  it('shows a banner’s clicks, has the question in the address, and Back leads to the one before', async () => {
    await world.register(7, { name: 'Autumn sale', campaign: 'autumn' })
    await click(7, 5)
    await click(8, 3)
    const { page, complaints } = await world.open('#/banner')
    await page.getByText('Type the id of a banner to see its clicks').waitFor()
    await page.getByLabel('Banner id').fill('7')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.locator('#answer-title:focus', { hasText: /^5 clicks .* local time, by hour$/ }).waitFor()
    await page.getByRole('heading', { name: 'Autumn sale' }).waitFor()
    expect(await page.getByRole('link', { name: 'autumn' }).getAttribute('href')).to.match(
      /#\/banners\?campaign=autumn$/,
    )
    expect(new URL(page.url()).hash).to.equal('#/banner?id=7&range=7days')
    await page.getByRole('radio', { name: 'Last hour' }).check()
    await page.getByRole('heading', { name: /^5 clicks .* by minute$/ }).waitFor()
    const clicks = await page.locator('#rows td').allInnerTexts()
    expect(clicks.map(Number).reduce((sum, each) => sum + each, 0)).to.equal(5)
    await page.goBack()
    await page.getByRole('heading', { name: /^5 clicks .* by hour$/ }).waitFor()
    expect(await page.getByRole('radio', { name: '7 days' }).isChecked()).to.equal(true)
    expect(complaints()).to.deep.equal([])
  })

  it('is where addresses lead that are older than it, and links to a banner nobody has registered', async () => {
    await click(8, 3)
    const { page } = await world.open('#banner=8&range=hour&zone=utc')
    await page.getByRole('heading', { name: /^3 clicks .* UTC, by minute$/ }).waitFor()
    await page.getByRole('heading', { name: 'Banner 8' }).waitFor()
    await page.getByText('Nobody has registered this banner.').waitFor()
    await page.evaluate("location.hash = '#banner=8&range=week'")
    await page.getByRole('heading', { name: /^3 clicks .* local time, by hour$/ }).waitFor()
    expect(await page.getByRole('radio', { name: '7 days' }).isChecked()).to.equal(true)
  })

  it('shows the same moments in local time, UTC and any other zone, and a thousand rows at the most', async () => {
    await world.register(9, { name: 'Spring' })
    await world.test.database.storeMinutes(
      `SELECT 9, timestamptz '2024-12-12 10:00Z' + g * interval '1 minute', 1 + g % 7
       FROM generate_series(0, 1199) AS g`,
    )
    const range = '#/banner?id=9&step=minute&range=own&from=2024-12-12T10:00Z'
    const { page, complaints } = await world.open(`${range}&to=2024-12-12T10:30Z`)
    await page.getByText('30 steps, the newest first.').waitFor()
    const first = page.locator('#rows th').first()
    const from = page.getByLabel('From', { exact: true })
    const shown = async () => [await first.innerText(), await from.inputValue()]
    expect(await shown()).to.deep.equal(['12 Dec 2024, 11:29', '2024-12-12T11:00'])
    await page.getByRole('radio', { name: 'UTC' }).check()
    await first.filter({ hasText: '10:29' }).waitFor()
    expect(await shown()).to.deep.equal(['12 Dec 2024, 10:29', '2024-12-12T10:00'])
    await page.getByLabel('Zone', { exact: true }).selectOption('Australia/Adelaide')
    await first.filter({ hasText: '20:59' }).waitFor()
    expect(await shown()).to.deep.equal(['12 Dec 2024, 20:59', '2024-12-12T20:30'])
    expect(new URL(page.url()).hash).to.match(/&zone=Australia\/Adelaide$/)
    expect(await page.getByRole('radio', { name: 'Australia/Adelaide' }).isChecked()).to.equal(true)
    await page.getByRole('radio', { name: 'Local time' }).check()
    await first.filter({ hasText: '11:29' }).waitFor()
    await page.evaluate(`location.hash = '${range}&to=2024-12-13T06:00Z'`)
    await page.getByText('The newest 1\u202f000 of 1\u202f200 steps').waitFor()
    expect(await page.locator('#rows tr').count()).to.equal(1000)
    expect(await page.locator('.clicks-chart .uplot').count()).to.equal(1)
    expect(complaints()).to.deep.equal([])
  })

  it('says so when nothing was counted, offers a longer range, and then shows the next answer', async () => {
    const { page } = await world.open('#/banner?id=999')
    await page.getByRole('heading', { name: /^No click/ }).waitFor()
    await page.getByText('Nothing was counted in this range.').waitFor()
    expect(await page.locator('.clicks-chart').isVisible()).to.equal(false)
    await page.getByRole('button', { name: 'Look at 12 months' }).click()
    await page.getByRole('heading', { name: /^No click .* by week$/ }).waitFor()
    expect(await page.getByRole('button', { name: 'Look at 12 months' }).isVisible()).to.equal(false)
    await click(22, 1)
    await page.getByLabel('Banner id').fill('22')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('heading', { name: /^1 click / }).waitFor()
    await page.getByRole('application', { name: 'Clicks by week, at most 1' }).waitFor()
  })

  it('downloads what is shown as CSV', async () => {
    await world.register(20, { name: 'Spring' })
    await world.test.database.storeMinutes(
      `VALUES (20, '2024-12-12 10:00Z', 4), (20, '2024-12-12 10:59Z', 2), (20, '2024-12-12 11:00Z', 1)`,
    )
    const { page, complaints } = await world.open(`${HOUR}&step=quarter&compare=year&zone=utc`)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ])
    expect(download.suggestedFilename()).to.equal('clicks-20-20241212T1000Z-20241212T1100Z.csv')
    const rows = (await readFile(await download.path(), 'utf8')).split('\r\n')
    expect(rows).to.deep.equal([
      'banner,ts,clicks,bots,duplicates',
      '20,2024-12-12T10:00:00Z,4,0,0',
      '20,2024-12-12T10:15:00Z,0,0,0',
      '20,2024-12-12T10:30:00Z,0,0,0',
      '20,2024-12-12T10:45:00Z,2,0,0',
      '',
    ])
    expect(complaints()).to.deep.equal([])
  })

  it('shows the service’s own words when it does not answer a question', async () => {
    const { page } = await world.open('#/banner?id=01&range=hour')
    await page.getByText(/"01": a banner id is a whole number from 1 to/).waitFor()
    await page.getByLabel('Banner id').fill('1')
    await page.getByRole('radio', { name: 'From – to' }).check()
    await page.getByLabel('From', { exact: true }).fill('2024-12-12T12:00')
    await page.getByLabel('To, not included').fill('2024-12-12T11:00')
    // What is typed and not sent stays when the zone changes.
    await page.getByRole('radio', { name: 'UTC' }).check()
    expect(await page.getByLabel('From', { exact: true }).inputValue()).to.equal('2024-12-12T11:00')
    expect(await page.getByLabel('Banner id').inputValue()).to.equal('1')
    await page.getByLabel('To, not included').press('Enter')
    await page.locator('#problem:focus', { hasText: /"from" must be before "to"/ }).waitFor()
    expect(new URL(page.url()).hash).to.equal(
      '#/banner?id=1&range=own&from=2024-12-12T11:00Z&to=2024-12-12T10:00Z&zone=utc',
    )
    expect(await page.getByRole('radio', { name: 'From – to' }).isChecked()).to.equal(true)
  })

  it('shows no answer that broke off, asks again by itself, and keeps what it has when it cannot', async () => {
    await click(7, 2)
    const { page } = await world.open('#/banner', { isClockStill: true })
    const breakOff = () =>
      page.route('**/stats/7', route => route.fulfill({ contentType: 'application/json', body: '{"total":' }))
    const problem = page.locator('#problem', {
      hasText: 'The service did not answer, or its answer broke off. Try again later.',
    })
    await breakOff()
    await page.getByLabel('Banner id').fill('7')
    await page.getByRole('button', { name: 'Show' }).click()
    await problem.waitFor()
    await page.unroute('**/stats/7')
    await page.clock.fastForward(30_000)
    await page.getByRole('heading', { name: /^2 clicks/ }).waitFor()
    expect(await problem.isVisible()).to.equal(false)
    await breakOff()
    await page.clock.fastForward(30_000)
    await problem.waitFor()
    expect(await page.getByRole('heading', { name: /^2 clicks/ }).isVisible()).to.equal(true)
    await page.unroute('**/stats/7')
    await click(7, 1)
    await page.clock.fastForward(30_000)
    await page.getByRole('heading', { name: /^3 clicks/ }).waitFor()
  })

  it('asks calmly while the range is not over and somebody sees it, and is loaded when it is shown first', async () => {
    await world.register(7, { name: 'Autumn sale' })
    const { page } = await world.open('#/live', { isClockStill: true })
    await page.locator('.sentence', { hasText: 'Counting.' }).waitFor()
    const files = await page.evaluate<string[]>(
      "performance.getEntriesByType('resource').map(({ name }) => name)",
    )
    expect(files.filter(name => /dashboard\/banner\//.test(name))).to.deep.equal([])
    const seen = requestsOf(page)
    const rests = async () => {
      await page.clock.fastForward(120_000)
      await settled(page)
      return seen.splice(0)
    }
    await page.evaluate("location.hash = '#/banner?id=7&range=today'")
    await page.locator('.answer [role=status]', { hasText: /^No click .* by quarter of an hour$/ }).waitFor()
    expect(seen.splice(0).sort()).to.deep.equal(['GET /banners/7', 'POST /stats/7'])
    await page.clock.fastForward(29_000)
    await settled(page)
    expect(seen.splice(0)).to.deep.equal([])
    await Promise.all([page.waitForResponse('**/stats/7'), page.clock.fastForward(1000)])
    seen.splice(0)
    await hide(page, true)
    expect([...(await rests()), ...(await rests())]).to.deep.equal([])
    await Promise.all([page.waitForResponse('**/stats/7'), hide(page, false)])
    await page.getByRole('radio', { name: 'Yesterday' }).check()
    await page.getByRole('heading', { name: /^No click/ }).waitFor()
    await page.locator('.answer:not([aria-busy])').waitFor()
    seen.splice(0)
    expect([...(await rests()), ...(await rests())]).to.deep.equal([])
    await Promise.all([page.waitForResponse('**/stats/7'), page.goBack()])
    seen.splice(0)
    await page.getByRole('link', { name: 'Live' }).click()
    expect([...(await rests()), ...(await rests())]).to.deep.equal([])
  })

  it('is led to by the rows of the list, and asks who reads it', async () => {
    await world.register(7, { name: 'Autumn sale' })
    await click(7, 5)
    const { page } = await world.open('#/banners')
    await rowOf(page, 7).getByRole('link', { name: '5 clicks today, Autumn sale' }).click()
    await page.getByRole('heading', { name: /^5 clicks/ }).waitFor()
    expect(new URL(page.url()).hash).to.equal('#/banner?id=7&range=today')
    const shared = await world.open('#/banner?id=7', { key: null })
    await shared.page
      .getByText('Log in with a key to see clicks. The question is asked again then.')
      .waitFor()
    await logIn(shared.page, manager.text)
    await shared.page.getByRole('heading', { name: /^5 clicks/ }).waitFor()
  })

  it('is used with the keyboard alone', async () => {
    await click(17, 2)
    const { page } = await world.open('#/banner')
    await page.getByText('Type the id of a banner').waitFor()
    await page.getByLabel('Banner id').focus()
    await page.keyboard.type('17')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /^2 clicks/ }).waitFor()
    const path: unknown[] = []
    const focused = () =>
      page.evaluate(
        'document.activeElement.ariaLabel ?? (document.activeElement.id || document.activeElement.className || document.activeElement.textContent)',
      )
    expect(await focused()).to.equal('answer-title')
    for (let stop = 0; stop < 6; stop++) {
      await page.keyboard.press('Tab')
      path.push(await focused())
    }
    expect(path.map(text => String(text).replace(/,.*/, ''))).to.deep.equal([
      ...['Earlier', 'Zoom out', 'Zoom in', 'plain', 'Clicks by hour', 'rows'],
    ])
  })

  for (const [colorScheme, ...widths] of [
    ['light', PHONE.width, 820],
    ['dark', 2560, 1440],
  ] as const)
    it(`has nothing that axe-core objects to, ${colorScheme}, and fits windows of ${widths.join(' and ')}`, async () => {
      await world.register(7, { name: 'Winter '.repeat(28).trim(), campaign: 'winter' })
      await click(7, 2)
      const { page, violations } = await world.open('#/', { colorScheme })
      // What is written for another view is there as well, and says nothing of this one.
      await page.locator('#overview[data-ready]').waitFor()
      await page.evaluate("location.hash = '#/banner?id=7&compare=previous'")
      await page.getByRole('heading', { name: /^2 clicks/ }).waitFor()
      const looksRight = async () => {
        for (const width of widths) {
          await page.setViewportSize({ width, height: 900 })
          expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(width)
        }
        expect(await violations()).to.deep.equal([])
      }
      await page.getByRole('application').press('ArrowLeft')
      await looksRight()
      await page.getByRole('radio', { name: 'From – to' }).check()
      await page.getByLabel('From', { exact: true }).fill('')
      await page.keyboard.press('Enter')
      await page.locator('#problem:focus').waitFor()
      await looksRight()
    })
})
