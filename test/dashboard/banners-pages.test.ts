import { expect } from 'chai'
import {
  type BannersWorld,
  idsOf,
  rowOf,
  says,
  untilClicks,
  untilFirst,
  useWorld,
} from './banners-support.ts'

describe('a page of banners', function () {
  this.timeout(30_000)
  let world: BannersWorld
  useWorld(made => {
    world = made
  })

  it('leads to the next and back, and none repeats or leaves out a banner while others come and go', async () => {
    await world.registerMany(2500)
    const { page } = await world.open()
    await untilFirst(page, 3)
    await says(page, '50 banners, and more follow')
    const first = await idsOf(page)
    await world.test.database.query('DELETE FROM banners WHERE id IN (3, 6, 9)')
    for (const id of [1, 2, 4, 5]) await world.register(id, { name: 'new' })
    const next = page.getByRole('button', { name: 'Next' })
    const seen = [...first]
    for (let turn = 1; turn < 5; turn++) {
      await next.click()
      await untilFirst(page, 150 * turn + 3)
      seen.push(...(await idsOf(page)))
    }
    expect(seen).to.deep.equal(Array.from({ length: 250 }, (_, index) => 3 * index + 3))
    await page.getByRole('button', { name: 'Previous' }).click()
    await untilFirst(page, 453)
    await page.goBack()
    await untilFirst(page, 603)
    const shared = await world.open(new URL(page.url()).hash)
    await untilFirst(shared.page, 603)
    expect(await shared.page.getByRole('button', { name: 'Previous' }).isDisabled()).to.equal(true)
    await shared.page.getByRole('button', { name: 'First' }).click()
    await untilFirst(shared.page, 1)
  })

  it('leads to the next and back with an arrow key', async () => {
    await world.registerMany(120)
    const { page } = await world.open()
    await untilFirst(page, 3)
    const focused = () =>
      page.evaluate('document.activeElement.closest("tr")?.querySelector(".id").textContent')
    await rowOf(page, 144).locator('button.name').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).to.equal('150')
    await page.keyboard.press('ArrowDown')
    await untilFirst(page, 153)
    expect(await focused()).to.equal('153')
    await page.keyboard.press('ArrowUp')
    await untilFirst(page, 3)
    expect(await focused()).to.equal('150')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowUp')
    expect(await page.evaluate('document.activeElement.ariaLabel')).to.match(
      /clicks today, Banner number 49$/,
    )
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowUp')
    expect(await page.evaluate('document.activeElement.textContent')).to.match(/ate Banner number 49$/)
  })

  it('keeps the focus, and what is selected, while it is refreshed', async () => {
    await world.registerMany(60)
    const { page } = await world.open('#/banners', { isClockStill: true })
    await untilClicks(page)
    await rowOf(page, 6).locator('button.name').focus()
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('.target'))")
    await world.test.database.query('DELETE FROM banners WHERE id = 9')
    await world.register(4, { name: 'new' })
    await page.clock.fastForward(30_000)
    await rowOf(page, 4).waitFor()
    expect((await idsOf(page)).slice(0, 4)).to.deep.equal([3, 4, 6, 12])
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('Banner number 2')
    expect(await page.evaluate('String(getSelection())')).to.equal('https://shop.example/1')
  })
})
