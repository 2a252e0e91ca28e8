import { expect } from 'chai'
import {
  type BannersWorld,
  idsOf,
  logIn,
  manager,
  requestsOf,
  rowOf,
  says,
  settled,
  untilClicks,
  untilFirst,
  useWorld,
} from './banners-support.ts'
import { hide } from './page-support.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

describe('the list of banners', function () {
  this.timeout(30_000)
  let world: BannersWorld
  useWorld(made => {
    world = made
  })

  it('shows names, targets, campaigns, labels and states, with the moment that goes with them', async () => {
    const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()
    await world.register(1, { name: 'Autumn sale', campaign: 'autumn', labels: ['top', 'mobile'] })
    await world.register(2, { name: 'Winter', target: null, isActive: false })
    await world.register(3, { name: 'Spring', activeFrom: inDays(2) })
    await world.register(4, { name: 'Summer', activeUntil: inDays(-2) })
    await world.register(5, { name: 'Night', activeUntil: inDays(2) })
    const { page, complaints } = await world.open()
    await untilFirst(page, 1)
    const cells = async (id: number) =>
      (await rowOf(page, id).locator('th, td').allInnerTexts()).map(text => text.replaceAll(/\s+/g, ' '))
    expect((await cells(1)).slice(0, 5)).to.deep.equal([
      ...['1', 'Autumn sale https://shop.example/', 'autumn', 'mobile top', 'active'],
    ])
    const [, name, , , state] = await cells(2)
    expect([name, state]).to.deep.equal(['Winter no target', 'inactive'])
    expect((await cells(3))[4]).to.match(/^starts on \d+ \w+ \d{4}, \d\d:\d\d$/)
    expect((await cells(4))[4]).to.match(/^ended \d+ \w+ \d{4}, \d\d:\d\d$/)
    expect((await cells(5))[4]).to.match(/^active until \d+ \w+ \d{4}, \d\d:\d\d$/)
    expect(await page.title()).to.match(/Banners · .*clickcounter$/)
    expect(complaints()).to.deep.equal([])
  })

  it('shows clicks of today and yesterday, of the zone that is chosen', async () => {
    const now = Temporal.Now.zonedDateTimeISO('Europe/Berlin')
    const midnight = now.startOfDay()
    const minutes = [
      [midnight, 1],
      [midnight.subtract({ minutes: 1 }), 20],
      [midnight.subtract({ days: 1 }), 300],
      [midnight.subtract({ days: 1, minutes: 1 }), 4000],
    ] as const
    for (const [time, clicks] of minutes) await world.clicked(7, time.toInstant().toString(), clicks)
    await world.register(7, { name: 'Autumn sale' })
    const { page } = await world.open()
    const row = rowOf(page, 7)
    await row.locator('.today a:text-is("1")').waitFor()
    expect(await row.locator('.yesterday').innerText()).to.equal('320')
    // Berlin is ahead of UTC: its midnight is the evening of the day before.
    await page.getByRole('radio', { name: 'UTC' }).check()
    const isSameDay = now.toInstant().toZonedDateTimeISO('UTC').toPlainDate().equals(now.toPlainDate())
    await row.locator(`.today a:text-is("${isSameDay ? 0 : 21}")`).waitFor()
    expect(new URL(page.url()).hash).to.equal('#/banners?zone=utc')
  })

  it('asks for the clicks of the rows on screen alone, calmly, and never while it is hidden', async () => {
    await world.registerMany(200)
    const { page } = await world.open('#/banners', { isClockStill: true })
    await untilClicks(page)
    // Yesterday is asked for again in each hour, so the page's clock must not come to the end of one.
    const nowMs = nextHalfHour(Date.now())
    await page.clock.pauseAt(nowMs)
    const seen = requestsOf(page)
    const bodies: { ids: number[] }[] = []
    page.on('request', request => {
      if (request.url().endsWith('/stats')) bodies.push(request.postDataJSON())
    })
    await page.reload()
    await untilClicks(page)
    const first = ['GET /banners?limit=50', 'POST /stats', 'POST /stats']
    expect(seen).to.deep.equal(first)
    const shown = Array.from({ length: 50 }, (_, index) => 3 * index + 3)
    expect(bodies.map(({ ids }) => ids)).to.deep.equal([shown, shown])
    await world.clicked(3, new Date(nowMs).toISOString(), 12)
    await page.clock.fastForward(29_000)
    expect(seen).to.have.length(3)
    await page.clock.fastForward(1000)
    await page.locator('.today a:text-is("12")').waitFor()
    // Yesterday is known.
    expect(seen.slice(3)).to.deep.equal(['GET /banners?limit=50', 'POST /stats'])
    await hide(page, true)
    await page.clock.fastForward(120_000)
    await settled(page)
    expect(seen).to.have.length(5)
    // Also when it is hidden while an answer is on its way.
    const { promise, resolve } = Promise.withResolvers<void>()
    await page.route('**/stats', async route => {
      await promise
      await route.continue()
    })
    const asked = page.waitForRequest(/stats$/)
    await hide(page, false)
    await asked
    await hide(page, true)
    await world.clicked(6, new Date(nowMs).toISOString(), 5)
    resolve()
    await page.locator('.today a:text-is("5")').waitFor()
    await page.clock.fastForward(120_000)
    await settled(page)
    expect(seen).to.have.length(7)
  })

  it('searches while somebody types, asks once he pauses, and shows no answer to an older question', async () => {
    await world.register(1, { name: 'Autumn sale' })
    await world.register(2, { name: 'Night market' })
    await world.register(3, { name: 'Night train' })
    const { page } = await world.open()
    await untilFirst(page, 1)
    const seen = requestsOf(page)
    const search = page.getByLabel('Search names')
    // The answer to the first question comes last.
    let release: (() => void) | undefined
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    await page.route(/banners\?.*q=night&|banners\?.*q=night$/, async route => {
      await held
      await route.continue().catch(() => {})
    })
    await search.pressSequentially('night')
    const givenUp = page.waitForEvent('requestfailed')
    await page.waitForRequest(/q=night$/)
    await search.pressSequentially(' trai')
    await untilFirst(page, 3)
    release?.()
    expect((await givenUp).url()).to.match(/q=night$/)
    expect(await idsOf(page)).to.deep.equal([3])
    expect(seen.filter(request => request.startsWith('GET'))).to.deep.equal([
      'GET /banners?limit=50&q=night',
      'GET /banners?limit=50&q=night+trai',
    ])
    expect(new URL(page.url()).hash).to.equal('#/banners?q=night+trai')
    // The whole search is one step.
    await page.goBack()
    await untilFirst(page, 1)
    expect(await search.inputValue()).to.equal('')
  })

  it('filters by campaign, label and state, by what is listed too, has it in the address, and goes back', async () => {
    await world.register(1, { name: 'a', campaign: 'autumn', labels: ['mobile'] })
    await world.register(2, { name: 'b', campaign: 'autumn', isActive: false })
    await world.register(3, { name: 'c', campaign: 'winter', labels: ['mobile'] })
    const { page } = await world.open()
    await untilFirst(page, 1)
    await rowOf(page, 2).getByRole('button', { name: 'autumn' }).click()
    const suggested = await page
      .locator('#campaigns option, #labels option')
      .evaluateAll(options => options.map(option => option.getAttribute('value')))
    expect(suggested).to.have.members(['autumn', 'winter', 'mobile'])
    await says(page, '2 banners that match')
    await page.getByRole('radio', { name: 'Not active' }).check()
    await untilFirst(page, 2)
    expect(new URL(page.url()).hash).to.equal('#/banners?campaign=autumn&state=inactive')
    await page.goBack()
    await untilFirst(page, 1)
    expect(await page.getByRole('radio', { name: 'Any' }).isChecked()).to.equal(true)
    const shared = await world.open('#/banners?label=mobile&state=active')
    await untilFirst(shared.page, 1)
    expect(await idsOf(shared.page)).to.deep.equal([1, 3])
    expect(await shared.page.getByLabel('Label').inputValue()).to.equal('mobile')
    await shared.page.getByLabel('Campaign').fill('nothing like it')
    await shared.page.keyboard.press('Enter')
    await says(shared.page, 'No banner matches')
    await shared.page.getByRole('button', { name: 'Clear the filters' }).click()
    await untilFirst(shared.page, 1)
    expect(new URL(shared.page.url()).hash).to.equal('#/banners')
  })

  it('is loaded when it is shown first, and at rest while another view is shown', async () => {
    await world.registerMany(1)
    const { page } = await world.open('#/live', { isClockStill: true })
    const files: string[] = []
    page.on('request', request => files.push(new URL(request.url()).pathname))
    await page.reload()
    await page.locator('.sentence', { hasText: 'Counting.' }).waitFor()
    expect(files.filter(path => /banners/.test(path))).to.deep.equal([])
    await page.getByRole('link', { name: 'Banners' }).click()
    await page.locator('.today a:text-is("0")').waitFor()
    const seen = requestsOf(page)
    // What was typed is asked for after a moment: by then, nobody sees the list.
    await page.getByLabel('Search names').fill('number')
    await page.goBack()
    await page.locator('#panels').waitFor()
    await page.clock.fastForward(120_000)
    await settled(page)
    expect(seen).to.deep.equal([])
    expect(new URL(page.url()).hash).to.equal('#/live')
    await page.goForward()
    await page.waitForRequest(/stats$/)
    expect(seen.slice(0, 2)).to.deep.equal(['GET /banners?limit=50', 'POST /stats'])
  })

  it('says what to do first, and what is wrong, and goes on by itself', async () => {
    const { page } = await world.open('#/banners', { isClockStill: true })
    await says(page, 'No banner is registered yet')
    await page.locator('#nothing').getByRole('button', { name: 'Add a banner' }).waitFor()
    expect(await page.locator('#filters').isVisible()).to.equal(false)
    await page.route(/\/banners\?/, route => route.abort())
    await page.clock.fastForward(30_000)
    await page.getByText('The service did not answer').waitFor()
    expect(await page.locator('#nothing').isVisible()).to.equal(false)
    await page.unroute(/\/banners\?/)
    await page.clock.fastForward(5000)
    await page.locator('#nothing-title').filter({ hasText: 'No banner is registered yet' }).waitFor()
    // A cursor of nobody.
    await world.registerMany(1)
    const shared = await world.open('#/banners?after=here')
    await untilFirst(shared.page, 3)
    expect(new URL(shared.page.url()).hash).to.equal('#/banners')
  })

  it('shows the banners when their clicks cannot be had', async () => {
    await world.registerMany(1)
    const { page } = await world.open('#/banners', { key: null })
    await page.route('**/stats', route =>
      route.fulfill({ status: 503, json: { statusCode: 503, message: 'The database is away.' } }),
    )
    await logIn(page, manager.text)
    await page.getByText('Clicks are not shown. The database is away.').waitFor()
    expect(await rowOf(page, 3).locator('.today').innerText()).to.equal('–')
  })
})

/** The next moment at half past an hour. Milliseconds since the epoch. */
function nextHalfHour(nowMs: number): number {
  return Math.ceil(nowMs / HOUR_MS + 0.5) * HOUR_MS - HOUR_MS / 2
}
