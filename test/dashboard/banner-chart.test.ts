import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { until } from '../support/until.ts'
import { type BannersWorld, settled, useWorld } from './banners-support.ts'
import { answerOf, type Counter, type FakeQuestion, fakeClicks } from './fake-clicks.ts'

const NOW_MS = Date.parse('2026-11-28T10:25:42Z')
/** As many clicks as the hour of the day; in days, weeks and months as many as the day of the month. */
const counter: Counter = (at, step) => {
  if (at.epochMilliseconds > NOW_MS) return { v: 0 }
  return ['day', 'week', 'month'].includes(step) ? { v: at.day } : { v: at.hour, bots: at.hour === 9 ? 2 : 0 }
}

describe('the chart of the view Banner', function () {
  this.timeout(30_000)
  let world: BannersWorld
  useWorld(made => {
    world = made
  })

  /** The view at NOW_MS. `questions`: what the page has asked for. */
  const open = async (query: string, options: { width?: number; colorScheme?: 'dark' } = {}) => {
    const { width = 1440, ...rest } = options
    const opened = await world.open('#/live', { viewport: { width, height: 900 }, ...rest })
    const { page } = opened
    await page.clock.setFixedTime(NOW_MS)
    const questions = await fakeClicks(page, counter)
    await page.evaluate(`location.hash = '#/banner?${query}'`)
    await page.locator('.clicks-chart .u-over').waitFor()
    return { ...opened, questions }
  }
  const hash = (page: Page) => decodeURIComponent(new URL(page.url()).hash)
  const chartOf = (page: Page) => page.getByRole('application')
  const said = (page: Page) => page.locator('.clicks-chart [role=status]').innerText()
  const tip = (page: Page) => page.locator('.tip:visible').innerText()
  /** A place over the drawing. `share`: of its width from the left. */
  const placeOf = async (page: Page, share: number) => {
    const { x, y, width, height } = (await page.locator('.clicks-chart .u-over').boundingBox())!
    return [x + share * width, y + height / 2] as const
  }
  /** Resolves when the answer to the next question is shown. */
  const asked = async (page: Page, act: () => Promise<unknown>) => {
    await Promise.all([page.waitForResponse(/\/stats\/7$/), act()])
    await page.locator('.answer:not([aria-busy])').waitFor()
  }
  /** The colours of some points of the canvas in the middle of a step, from top to bottom. */
  const coloursAt = (page: Page, share: number) =>
    page.evaluate<string[]>(`(() => {
      const canvas = document.querySelector('.clicks-chart canvas')
      const over = document.querySelector('.clicks-chart .u-over')
      const x = Math.round((over.offsetLeft + ${share} * over.offsetWidth) * devicePixelRatio)
      const { data } = canvas.getContext('2d').getImageData(x, 0, 1, canvas.height)
      return Array.from({ length: canvas.height }, (_, y) => data.slice(4 * y, 4 * y + 4).join())
    })()`)

  it('tells time and value under the pointer, and what they are compared with', async () => {
    const { page, complaints } = await open('id=7&range=yesterday&step=hour&compare=previous')
    await page.mouse.move(...(await placeOf(page, 9.5 / 24)))
    expect((await tip(page)).split('\n').filter(line => line !== '')).to.deep.equal([
      ...['27 Nov 2026, 09:00 – 10:00', '9 clicks', '2 of bots', '9 (the same)', '26 Nov 2026, 09:00'],
    ])
    await page.mouse.move(...(await placeOf(page, 23.9 / 24)))
    expect(await tip(page)).to.match(/^27 Nov 2026, 23:00 – 00:00/)
    await page.mouse.move(0, 0)
    expect(await page.locator('.tip').isVisible()).to.equal(false)
    expect(complaints().filter(text => !text.includes('404'))).to.deep.equal([])
  })

  it('stacks bots on the clicks, in a colour that is named', async () => {
    const { page } = await open('id=7&range=yesterday&step=hour')
    const [clicks, bots] = ['11,107,107,255', '117,83,156,255']
    // 9 clicks and 2 of bots stand higher than 10 clicks.
    const [nine, ten] = await Promise.all([9.5, 10.5].map(hour => coloursAt(page, hour / 24)))
    expect(nine!.indexOf(bots)).to.be.greaterThan(0).and.lessThan(ten!.indexOf(clicks))
    expect(ten).not.to.include(bots)
    expect(await page.locator('.legend').innerText()).to.equal('clicks bots')
  })

  it('is read with arrow keys, which a screen reader is told, and zoomed and moved with others', async () => {
    const { page } = await open('id=7&range=yesterday&step=hour')
    const chart = chartOf(page)
    await chart.press('ArrowLeft')
    expect(await said(page)).to.equal('27 Nov 2026, 23:00 – 00:00: 23 clicks.')
    await chart.press('ArrowRight')
    expect(await said(page)).to.equal('27 Nov 2026, 23:00 – 00:00: 23 clicks.')
    await chart.press('Home')
    expect(await said(page)).to.equal('27 Nov 2026, 00:00 – 01:00: No click.')
    await chart.press('PageDown')
    await chart.press('ArrowLeft')
    expect(await said(page)).to.equal('27 Nov 2026, 09:00 – 10:00: 9 clicks, 2 of bots.')
    expect(await tip(page)).to.match(/^27 Nov 2026, 09:00/)
    await asked(page, () => chart.press('Enter'))
    expect(hash(page)).to.equal('#/banner?id=7&range=own&from=2026-11-27T08:00Z&to=2026-11-27T09:00Z')
    await page.getByRole('heading', { name: /27 Nov 2026, 09:00 – 10:00, local time, by minute$/ }).waitFor()
    await asked(page, () => chart.press('Shift+ArrowLeft'))
    expect(hash(page)).to.match(/from=2026-11-27T07:30Z&to=2026-11-27T08:30Z$/)
    await asked(page, () => chart.press('-'))
    expect(hash(page)).to.match(/from=2026-11-27T07:00Z&to=2026-11-27T09:01Z$/)
    await asked(page, () => chart.press('+'))
    expect(hash(page)).to.match(/from=2026-11-27T07:30Z&to=2026-11-27T08:31Z$/)
    await chart.press('ArrowLeft')
    await chart.press('Escape')
    expect(await page.locator('.tip').isVisible()).to.equal(false)
    for (const _ of '1234') await asked(page, () => page.goBack())
    await page.getByRole('heading', { name: /27 Nov 2026, local time, by hour$/ }).waitFor()
    expect(await page.getByLabel('Step', { exact: true }).inputValue()).to.equal('hour')
  })

  it('is zoomed by dragging over whole steps, and out by a double click', async () => {
    const { page, questions } = await open('id=7&range=yesterday&step=hour')
    await page.mouse.move(...(await placeOf(page, 6.5 / 24)))
    await page.mouse.down()
    await page.mouse.move(...(await placeOf(page, 9.2 / 24)), { steps: 3 })
    await asked(page, () => page.mouse.up())
    expect(hash(page)).to.equal('#/banner?id=7&range=own&from=2026-11-27T05:00Z&to=2026-11-27T09:00Z')
    expect(questions.at(-1)).to.deep.include({ step: 'minute', timeZone: 'Europe/Berlin', fill: true })
    await page.mouse.move(...(await placeOf(page, 0.5)))
    await asked(page, () => page.mouse.dblclick(...([700, 500] as const)))
    expect(hash(page)).to.match(/from=2026-11-27T03:00Z&to=2026-11-27T11:01Z$/)
    await asked(page, () => page.getByRole('button', { name: 'Earlier' }).click())
    expect(hash(page)).to.match(/from=2026-11-26T23:00Z/)
  })

  it('marks the running step, draws nothing ahead, and goes on with what it is compared with', async () => {
    const { page } = await open('id=7&range=today&step=hour&compare=previous')
    const [past, now, ahead] = await Promise.all([3.5, 11.5, 17.5].map(hour => coloursAt(page, hour / 24)))
    const kinds = (colours: string[]) => new Set(colours).size
    // A bar has its line and its filling; slanted lines cross a column again and again; ahead is one line, and the grid.
    const changes = (colours: string[]) => colours.filter((colour, y) => colour !== colours[y - 1]).length
    expect(changes(now!)).to.be.greaterThan(2 * changes(past!))
    expect(kinds(ahead!)).to.be.greaterThan(1)
    await page.getByText('the running hour, not finished').waitFor()
    await page.getByText(/against 55 at this point of 27 Nov 2026, without the running hour$/).waitFor()
    const rows = await page.locator('#rows tr').allInnerTexts()
    expect(rows).to.have.length(12)
    expect(rows[0]!.split('\t').map(text => text.trim())).to.deep.equal([
      ...['28 Nov 2026, 11:00 – 12:00 so far', '11', '0', '27 Nov 2026, 11:00 11'],
    ])
    await chartOf(page).press('ArrowLeft')
    expect(await said(page)).to.match(/^28 Nov 2026, 11:00 – 12:00: 11 clicks, so far\./)
    await chartOf(page).press('ArrowRight')
    expect(await said(page)).to.match(/^28 Nov 2026, 12:00 – 13:00: not begun yet\. Compared: 12 clicks/)
  })

  it('has the step that fits its width, or the one that is chosen, and both are in the address', async () => {
    const { page, questions } = await open('id=7&range=30days', { width: 390 })
    expect(questions.at(-1)?.step).to.equal('day')
    await asked(page, () => page.getByRole('radio', { name: 'Last hour' }).check())
    expect(questions.at(-1)?.step).to.equal('minute')
    await asked(page, () => page.getByLabel('Step', { exact: true }).selectOption('Quarter of an hour'))
    await asked(page, () => page.getByLabel('Compared with').selectOption('A year earlier'))
    expect(questions.at(-1)).to.deep.include({ step: 'quarter', compare: 'year' })
    expect(hash(page)).to.equal('#/banner?id=7&range=hour&step=quarter&compare=year')
    await asked(page, () => page.getByLabel('Zone').selectOption('UTC'))
    expect(questions.at(-1)?.timeZone).to.equal('UTC')
    expect(hash(page)).to.match(/&zone=utc$/)
  })

  it('takes a coarser step where finer ones are not kept, and offers it where one was chosen', async () => {
    const { page, complaints } = await open('id=7&range=yesterday')
    const refusal = 'minutes before 2026-11-01 are not kept: the finest step there is "hour"'
    await page.route(/\/stats\/7$/, async route => {
      const question: FakeQuestion = route.request().postDataJSON()
      if (['minute', 'quarter'].includes(question.step))
        await route.fulfill({
          status: 400,
          json: { statusCode: 400, error: 'Bad Request', message: refusal },
        })
      else await route.fulfill({ json: answerOf(7, question, counter) })
    })
    await page.getByRole('radio', { name: 'Today' }).check()
    await page.getByRole('heading', { name: /28 Nov 2026, local time, by hour$/ }).waitFor()
    await page.getByText(refusal).waitFor()
    await page.getByLabel('Step', { exact: true }).selectOption('Minute')
    await page.locator('#problem', { hasText: refusal }).waitFor()
    expect(await page.locator('.answer').isVisible()).to.equal(false)
    await page.getByRole('button', { name: 'Use the step that fits' }).click()
    await page.getByRole('heading', { name: /28 Nov 2026, local time, by hour$/ }).waitFor()
    expect(hash(page)).to.equal('#/banner?id=7&range=today')
    await page.getByRole('radio', { name: '12 months' }).check()
    await page.getByLabel('Step', { exact: true }).selectOption('Minute')
    await page.getByText(/The page shows 50\u202f000 at most: choose a coarser step/).waitFor()
    expect(complaints().filter(text => !/40[04]/.test(text))).to.deep.equal([])
  })

  it('shows nothing of a question that another one has followed, also while the name is on its way', async () => {
    const { page } = await open('id=7&range=yesterday')
    // It is never answered: the next question ends it.
    await page.route('**/banners/7', () => {})
    await Promise.all([
      page.waitForResponse(/\/stats\/7$/),
      page.getByRole('radio', { name: '12 months' }).check(),
    ])
    await settled(page)
    await page.getByLabel('Step', { exact: true }).selectOption('Minute')
    await page.getByText(/The page shows 50\u202f000 at most/).waitFor()
    expect(await page.locator('.answer').isVisible()).to.equal(false)
  })

  it('keeps what is read while it asks again, and follows the time', async () => {
    const { page, questions } = await open('id=7&range=hour')
    await chartOf(page).press('ArrowLeft')
    await chartOf(page).press('ArrowLeft')
    const before = await said(page)
    expect(before).to.match(/^28 Nov 2026, 11:24:/)
    await page.clock.setFixedTime(NOW_MS + 60_000)
    await asked(page, async () => {
      await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    })
    expect(questions.at(-1)?.to).to.equal('2026-11-28T10:27Z')
    expect(await tip(page)).to.match(/^28 Nov 2026, 11:24/)
    expect(await said(page)).to.equal(before)
  })

  it('has nothing that axe-core objects to on a phone in the dark, and follows the colours of the page', async () => {
    const { page, violations } = await open('id=7&range=today&compare=year', {
      colorScheme: 'dark',
      width: 360,
    })
    await chartOf(page).press('ArrowLeft')
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(360)
    expect(await violations()).to.deep.equal([])
    const dark = await coloursAt(page, 0.2)
    await page.emulateMedia({ colorScheme: 'light' })
    await until(async () => String(await coloursAt(page, 0.2)) !== String(dark))
  })
})
