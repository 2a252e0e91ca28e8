import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { type BannersWorld, idsOf, says, untilFirst, useWorld } from './banners-support.ts'

const HEAD = 'id,name,target,campaign,labels,passQuery,isActive,activeFrom,activeUntil\r\n'
const csv = (id: number, name: string, target = 'https://shop.example/') =>
  `${id},${name},${target},autumn,mobile|top,,true,,\r\n`

describe('files of banners', function () {
  this.timeout(30_000)
  let world: BannersWorld
  useWorld(made => {
    world = made
  })

  const choose = async (page: Page, name: string, text: string) => {
    const file = { name, mimeType: '', buffer: Buffer.from(text) }
    await page.getByLabel('File', { exact: true }).setInputFiles(file)
  }
  const sums = async (page: Page) => (await page.locator('.sums dd').allInnerTexts()).map(Number)

  it('are looked at first: what is new, changed and unchanged, and how; then they are imported', async () => {
    await world.register(1, { name: 'one', campaign: 'autumn', labels: ['mobile', 'top'] })
    await world.register(2, { name: 'two', campaign: 'autumn', labels: ['mobile', 'top'] })
    const { page, violations } = await world.open()
    await untilFirst(page, 1)
    await page.getByRole('button', { name: 'Import' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Import banners' })
    const many = Array.from({ length: 30 }, (_, index) => csv(index + 3, `<b>new</b> ${index}`))
    await choose(
      page,
      'banners.csv',
      [HEAD, csv(1, 'one'), csv(2, 'zwei', 'https://zwei.example/'), ...many].join(''),
    )
    await dialog.getByText('The first 20 of 31 that would be new or changed').waitFor()
    expect(await sums(page)).to.deep.equal([30, 1, 1])
    const rows = (await dialog.locator('.sample tbody tr').allInnerTexts()).map(text =>
      text.replaceAll(/\s+/g, ' '),
    )
    expect(rows).to.have.length(20)
    expect(rows[0]).to.equal('2 changed Name two → zwei Target https://shop.example/ → https://zwei.example/')
    expect(rows[1]).to.match(/^3 new Name <b>new<\/b> 0 Target https:\/\/shop.example\/ Campaign autumn/)
    expect(await violations()).to.deep.equal([])
    expect(await idsOf(page), 'before the import').to.deep.equal([1, 2])
    await dialog.getByRole('button', { name: 'Import 31 banners' }).click()
    await page.getByText('The file was imported: 30 banners added, 1 banner changed.').waitFor()
    await says(page, '32 banners')
    expect(await idsOf(page)).to.have.length(32)
  })

  it('are refused as a whole when a line is wrong, which is named, and can be chosen again when it is mended', async () => {
    const { page, violations } = await world.open()
    await page.getByRole('button', { name: 'Import a file' }).click()
    const dialog = page.getByRole('dialog', { name: 'Import banners' })
    await choose(page, 'banners.csv', [HEAD, csv(1, 'one'), csv(2, 'two', 'javascript:alert(1)')].join(''))
    await dialog
      .getByRole('alert')
      .filter({ hasText: /^line 3: .*must begin with https:\/\// })
      .waitFor()
    expect(await dialog.getByRole('button', { name: /^Import/ }).isVisible()).to.equal(false)
    expect(await violations()).to.deep.equal([])
    await choose(page, 'banners.txt', 'a')
    await dialog
      .getByRole('alert')
      .filter({ hasText: 'has to end in .csv, .ndjson, .jsonl or .json' })
      .waitFor()
    await choose(page, 'banners.ndjson', '{"id":1,"name":"one"}\n{"id":2,"name":"two"}\n')
    await dialog.getByRole('button', { name: 'Import 2 banners' }).click()
    await page.getByText('The file was imported: 2 banners added, 0 banners changed.').waitFor()
    await page.getByRole('button', { name: 'Import' }).first().click()
    await choose(page, 'banners.json', '[{"id":1,"name":"one"}]')
    await dialog.getByText('Nothing would change').waitFor()
    expect(await dialog.getByRole('button', { name: /^Import/ }).isVisible()).to.equal(false)
  })

  it('are imported while the dialog says so; it may be closed, and a failure is told all the same', async () => {
    const { page } = await world.open()
    const { promise, resolve } = Promise.withResolvers<void>()
    await page.route(/\/banners$/, async route => {
      await promise
      await route.fulfill({ status: 503, json: { statusCode: 503, message: 'The database is away.' } })
    })
    await page.getByRole('button', { name: 'Import a file' }).click()
    const dialog = page.getByRole('dialog', { name: 'Import banners' })
    await choose(page, 'banners.csv', HEAD + csv(1, 'one'))
    await dialog.getByRole('button', { name: 'Import 1 banner' }).click()
    await dialog.getByRole('status').filter({ hasText: 'Importing banners.csv …' }).waitFor()
    expect(await page.getByLabel('File', { exact: true }).isDisabled()).to.equal(true)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    resolve()
    await page.getByText('The import failed. The database is away.').waitFor()
  })

  it('come out as they go in, with what the filters let through', async () => {
    await world.registerMany(120)
    const { page } = await world.open('#/banners?campaign=campaign 3')
    await untilFirst(page, 9)
    for (const [name, type] of [
      ['CSV', 'csv'],
      ['NDJSON', 'ndjson'],
    ]) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: name!, exact: true }).click(),
      ])
      expect(download.suggestedFilename()).to.equal(`banners.${type}`)
      const text = await readFile(await download.path(), 'utf8')
      expect(text.trim().split('\n')).to.have.length(type === 'csv' ? 18 : 17)
      await page.getByRole('button', { name: 'Import' }).first().click()
      await choose(page, `banners.${type}`, text)
      await page.getByText('Nothing would change').waitFor()
      expect(await sums(page)).to.deep.equal([0, 0, 17])
      await page.keyboard.press('Escape')
    }
  })
})
