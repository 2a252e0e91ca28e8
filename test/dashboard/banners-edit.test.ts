import { expect } from 'chai'
import type { Locator, Page } from 'playwright-core'
import { snapshotOf } from '../support/keys.ts'
import { type BannersWorld, openBanner, other, rowOf, untilFirst, useWorld } from './banners-support.ts'

interface Banner {
  readonly [field: string]: unknown
}

describe('a banner in its dialog', function () {
  this.timeout(30_000)
  let world: BannersWorld
  useWorld(made => {
    world = made
  })

  const read = async (id: number) => (await (await world.ask('GET', `/banners/${id}`)).json()) as Banner
  const save = (dialog: Locator) => dialog.getByRole('button', { name: 'Save' }).click()
  const gone = (page: Page) => page.locator('dialog').first().waitFor({ state: 'detached' })
  const focused = (page: Page) =>
    page.evaluate('document.activeElement.id || document.activeElement.textContent')
  const notice = (page: Page, words: string | RegExp) =>
    page.locator('#notice-words').filter({ hasText: words }).waitFor()

  it('is added, with all of its fields, and edited in those that were changed alone', async () => {
    const { page, complaints } = await world.open()
    await page.locator('#nothing').waitFor()
    await page.getByRole('button', { name: 'Add a banner' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Add a banner' })
    await dialog.getByLabel('Id').fill('7')
    await dialog.getByLabel('Name').fill('Autumn sale')
    await dialog.getByLabel('Target').fill(' https://shop.example/autumn?click={click_id} ')
    await dialog.getByLabel('Campaign').fill('autumn')
    await dialog.getByLabel('Labels').fill('top\nmobile, wide\n\n')
    await dialog.getByLabel('Passed parameters').fill('utm_source  gclid')
    await dialog.getByLabel('Active from (local)').fill('2026-01-01T00:00')
    await save(dialog)
    await gone(page)
    await notice(page, 'Banner 7, “Autumn sale”, was added.')
    const { version, updatedAt, ...content } = await read(7)
    expect(content).to.deep.equal({
      ...{ id: 7, name: 'Autumn sale', target: 'https://shop.example/autumn?click={click_id}' },
      ...{ campaign: 'autumn', labels: ['mobile, wide', 'top'], passQuery: ['utm_source', 'gclid'] },
      ...{ isActive: true, activeFrom: '2025-12-31T23:00:00Z', activeUntil: null, updatedBy: 'newsroom' },
    })
    await rowOf(page, 7).waitFor()

    // The form shows whole minutes. What it does not change keeps its seconds.
    await world.ask('PATCH', '/banners/7', { activeUntil: '2027-01-01T00:00:30.5Z' })
    const again = await world.open()
    const edit = await openBanner(again.page, 7)
    const sent = again.page.waitForRequest(request => request.method() === 'PATCH')
    await edit.getByLabel('Name').fill('Winter sale')
    await save(edit)
    expect((await sent).postDataJSON()).to.deep.equal({ name: 'Winter sale' })
    await notice(again.page, 'Banner 7, “Winter sale”, was changed.')
    expect(await read(7)).to.include({ name: 'Winter sale', activeUntil: '2027-01-01T00:00:30.500Z' })
    expect(await rowOf(again.page, 7).locator('button.name').innerText()).to.equal('Winter sale')
    expect(await focused(again.page)).to.equal('Winter sale')
    expect(complaints()).to.deep.equal([])
  })

  it('is active from a time of the zone that is chosen', async () => {
    const { page } = await world.open('#/banners?zone=Asia/Kathmandu')
    await page.locator('#nothing').waitFor()
    await page.getByRole('button', { name: 'Add a banner' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Add a banner' })
    await dialog.getByLabel('Id').fill('7')
    await dialog.getByLabel('Name').fill('Autumn sale')
    await dialog.getByLabel('Active from (Asia/Kathmandu)').fill('2026-01-01T00:00')
    await save(dialog)
    await gone(page)
    expect(await read(7)).to.include({ activeFrom: '2025-12-31T18:15:00Z' })
  })

  it('has the service’s words beside the field that they are about, and the focus there', async () => {
    await world.register(7, { name: 'Autumn sale' })
    const { page } = await world.open()
    await untilFirst(page, 7)
    const dialog = await openBanner(page, 7)
    const wrong = [
      ['Name', '', /"name" has 1 to 200 characters/],
      ['Target', 'javascript:alert(1)', /the target must begin with https:\/\/ or http:\/\/ and a host$/],
      ['Campaign', 'a\u0001', /"campaign" has 1 to 100 characters/],
      ['Labels', 'right\na|b', /"labels\[1\]" has 1 to 50 characters/],
      ['Passed parameters', 'utm/source', /"passQuery\[0\]" has 1 to 100 characters/],
    ] as const
    for (const [name, text, words] of wrong) {
      const field = dialog.getByLabel(name, { exact: true })
      const before = await field.inputValue()
      await field.fill(text)
      await save(dialog)
      await dialog.locator('.fault:visible').filter({ hasText: words }).waitFor()
      expect(await field.getAttribute('aria-invalid'), name).to.equal('true')
      expect(await focused(page), name).to.equal(await field.getAttribute('id'))
      const described = (await field.getAttribute('aria-describedby'))!.split(' ')
      expect(described, name).to.include(await dialog.locator('.fault:visible').getAttribute('id'))
      await field.fill(before)
      expect(await dialog.locator('.fault:visible').count(), name).to.equal(0)
    }
    await dialog.getByLabel('Active from (local)').fill('2026-12-02T00:00')
    await dialog.getByLabel('Active until (local)').fill('2026-12-01T00:00')
    await save(dialog)
    await dialog.locator('.fault:visible').filter({ hasText: '"activeFrom" must be before' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Close', exact: true }).last().click()
    await gone(page)

    await page.getByRole('button', { name: 'Add a banner' }).first().click()
    const add = page.getByRole('dialog')
    await add.getByLabel('Name').fill('a')
    for (const [id, words] of [
      ['', /a banner id is a whole number/],
      ['01', /a banner id is a whole number/],
      ['7', /is registered already/],
    ] as const) {
      await add.getByLabel('Id').fill(id)
      await save(add)
      await add.locator('#banner-id-problem').filter({ hasText: words }).waitFor()
    }
    expect(await read(7)).to.include({ name: 'Autumn sale', campaign: null })
  })

  it('shows what somebody else has changed meanwhile, and lets the reader choose', async () => {
    await world.register(7, { name: 'Autumn sale', campaign: 'autumn', labels: ['top'] })
    const { page, violations } = await world.open()
    await untilFirst(page, 7)
    const dialog = await openBanner(page, 7)
    await dialog.getByLabel('Target').fill('https://mine.example/')
    await dialog.getByLabel('Labels').fill('mine')
    await world.ask('PATCH', '/banners/7', {
      ...{ target: 'https://theirs.example/', labels: ['theirs'], campaign: 'winter', name: 'Winter sale' },
    })
    await save(dialog)
    const conflict = dialog.locator('.conflict')
    await conflict.getByText(/^Ada changed this banner meanwhile/).waitFor()
    expect(await conflict.locator('li').allInnerTexts()).to.deep.equal([
      'Name: Autumn sale → Winter sale',
      'Campaign: autumn → winter',
    ])
    expect(await dialog.getByLabel('Campaign').inputValue()).to.equal('winter')
    expect(await violations()).to.deep.equal([])
    // Nothing is saved before both are decided.
    await save(dialog)
    await conflict
      .getByRole('group', { name: 'Target' })
      .getByLabel('Theirs: https://theirs.example/')
      .check()
    expect(await dialog.getByLabel('Target', { exact: true }).inputValue()).to.equal(
      'https://theirs.example/',
    )
    await save(dialog)
    expect(await page.evaluate('document.activeElement.name')).to.equal('choice-labels')
    await conflict.getByRole('group', { name: 'Labels' }).getByLabel('Yours: mine').check()
    expect(await read(7)).to.include({ updatedBy: 'Ada' })
    await save(dialog)
    await gone(page)
    expect(await read(7)).to.deep.include({
      ...{ name: 'Winter sale', target: 'https://theirs.example/', campaign: 'winter', labels: ['mine'] },
      updatedBy: 'newsroom',
    })
  })

  it('that somebody else has deleted can be registered again', async () => {
    await world.register(7, { name: 'Autumn sale', campaign: 'autumn' })
    const { page } = await world.open()
    await untilFirst(page, 7)
    const dialog = await openBanner(page, 7)
    await dialog.getByLabel('Name').fill('Winter sale')
    await world.ask('DELETE', '/banners/7')
    await save(dialog)
    await dialog.getByRole('alert').filter({ hasText: 'Banner 7 was deleted meanwhile.' }).waitFor()
    await save(dialog)
    await gone(page)
    expect(await read(7)).to.include({ name: 'Winter sale', campaign: 'autumn' })
  })

  it('is deleted after a question, and not after what somebody else has changed meanwhile', async () => {
    await world.register(7, { name: 'Autumn sale' })
    await world.register(8, { name: 'Winter sale' })
    const { page } = await world.open()
    await untilFirst(page, 7)
    const dialog = await openBanner(page, 7)
    const question = page.getByRole('dialog', { name: 'Delete “Autumn sale”?' })
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await question.getByRole('button', { name: 'Keep it' }).click()
    await question.waitFor({ state: 'detached' })
    await world.ask('PATCH', '/banners/7', { campaign: 'autumn' })
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await question.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByText(/^Ada changed this banner meanwhile/).waitFor()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await question.getByRole('button', { name: 'Delete' }).click()
    await gone(page)
    await notice(page, 'Banner 7, “Autumn sale”, was deleted.')
    await untilFirst(page, 8)
    expect(await focused(page)).to.equal('Winter sale')
    expect((await world.ask('GET', '/banners/7')).status).to.equal(404)
  })

  it('asks before it closes over what is not saved', async () => {
    await world.register(7, { name: 'Autumn sale' })
    const { page } = await world.open()
    await untilFirst(page, 7)
    const dialog = await openBanner(page, 7)
    await page.keyboard.press('Escape')
    await gone(page)
    expect(await focused(page)).to.equal('Autumn sale')
    await openBanner(page, 7)
    await dialog.getByLabel('Name').fill('Winter sale')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Go on' }).click()
    expect(await dialog.getByLabel('Name').inputValue()).to.equal('Winter sale')
    await page.keyboard.press('Escape')
    await page
      .getByRole('dialog', { name: 'Close without saving?' })
      .getByRole('button', { name: 'Close' })
      .last()
      .click()
    await gone(page)
    expect(await read(7)).to.include({ name: 'Autumn sale' })
  })

  it('keeps what was typed when the session ends, and is there again after the next log-in', async () => {
    await world.register(7, { name: 'Autumn sale' })
    const { page } = await world.open()
    await untilFirst(page, 7)
    const dialog = await openBanner(page, 7)
    await dialog.getByLabel('Name').fill('Winter sale')
    world.test.thread.keyring.replace(snapshotOf([other]))
    await save(dialog)
    await page.locator('#key:focus').waitFor()
    await page.keyboard.type(other.text)
    await page.keyboard.press('Enter')
    await dialog.waitFor()
    expect(await dialog.getByLabel('Name').inputValue()).to.equal('Winter sale')
    await save(dialog)
    await gone(page)
    expect(await read(7)).to.include({ name: 'Winter sale', updatedBy: 'Ada' })
  })

  it('has a history of who changed what, with differences that people can read', async () => {
    await world.register(7, { name: 'Autumn sale', labels: ['top'] })
    await world.ask('PATCH', '/banners/7', {
      target: null,
      labels: ['mobile', 'top'],
      activeFrom: '2026-12-01T00:00:00Z',
    })
    await world.ask('PATCH', '/banners/7', { isActive: false })
    for (let time = 0; time < 20; time++) await world.ask('PATCH', '/banners/7', { campaign: `${time}` })
    const { page } = await world.open()
    await untilFirst(page, 7)
    const dialog = await openBanner(page, 7)
    await dialog.getByRole('radio', { name: 'History' }).check()
    await dialog.getByText('18 → 19').waitFor()
    await dialog.getByRole('button', { name: 'Show older changes' }).click()
    await dialog.getByText(/Ada registered it on/).waitFor()
    const items = (await dialog.locator('.changes li').allInnerTexts()).map(text =>
      text.replaceAll(/\s+/g, ' '),
    )
    expect(items).to.have.length(23)
    expect(items[20]).to.match(/^Ada changed it on \d+ \w+ \d{4}, \d\d:\d\d Active yes → no$/)
    expect(items[21]).to.match(
      /Target https:\/\/shop.example\/ → nothing Labels top → mobile, top Active from nothing → 1 Dec 2026, 01:00$/,
    )
    expect(items[22]).to.match(/Name Autumn sale Target https:\/\/shop.example\/ Labels top Active yes$/)
    expect(await page.evaluate('document.activeElement.localName')).to.equal('li')
  })

  it('has code for pages, to be copied', async () => {
    await world.register(7, { name: 'Autumn <sale> & "more"', target: 'https://shop.example/?a=1&b=2' })
    const { page } = await world.open('#/banners', { permissions: ['clipboard-read', 'clipboard-write'] })
    await untilFirst(page, 7)
    const dialog = await openBanner(page, 7)
    await dialog.getByRole('radio', { name: 'Code for pages' }).check()
    await dialog.getByRole('button', { name: 'Copy Link' }).click()
    await dialog.getByRole('status').filter({ hasText: 'Link: copied.' }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).to.equal(
      `<a href="${world.test.thread.url}/click/7">Autumn &lt;sale&gt; &amp; &quot;more&quot;</a>`,
    )
    await page.context().clearPermissions()
    await page.evaluate('Object.defineProperty(navigator, "clipboard", { value: undefined })')
    await dialog.getByRole('button', { name: 'Copy Image' }).click()
    await dialog.getByRole('status').filter({ hasText: 'Copy it with your keyboard' }).waitFor()
    expect(await page.evaluate('String(getSelection())')).to.equal(
      `<img src="${world.test.thread.url}/counter/7.gif" alt="">`,
    )
  })
})
