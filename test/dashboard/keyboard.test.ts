import { expect } from 'chai'
import { useDashboards } from './page-support.ts'

/** What is seen of each view when all of it is there. */
const VIEWS = {
  '#/': '.board .up tbody tr',
  '#/live': '#panels',
  '#/banners': '#banner-rows .name',
  '#/banner?id=7': '#banner canvas',
}
const PAPER = { light: 'rgb(250, 249, 247)', dark: 'rgb(16, 19, 23)' }

describe('the page’s shortcuts and colours', function () {
  this.timeout(30_000)
  const dashboards = useDashboards()
  before(async () => {
    const { database } = dashboards.test
    // Without a banner, there is nothing to search, and without clicks there are no charts.
    await database.storeMinutes(
      "SELECT 7, now() - day * interval '1 day', 10 + day FROM generate_series(0, 9) AS day",
    )
    await database.query(
      `INSERT INTO banners (id, name, labels, pass_query, is_active, version, updated_at, updated_by)
       VALUES (7, 'Autumn sale', '{}', '{}', true, gen_random_uuid(), now(), 'shell')`,
    )
  })

  it('go from view to view, to the search and to the other zone, and Back works', async () => {
    const { page, complaints } = await dashboards.open({ hash: '#/live' })
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key)
      return new URL(page.url()).hash
    }
    expect(await press('g', 'b')).to.equal('#/banners')
    await page.locator('#banner-rows .name').waitFor()
    expect(await press('g', 'o')).to.equal('#/')
    expect(await press('g', 'c')).to.equal('#/banner')
    expect(await press('/')).to.equal('#/banner')
    await page.locator('#banner .id-field input:focus').waitFor()
    await page.getByRole('link', { name: 'Live' }).focus()
    expect(await press('g', 'l')).to.equal('#/live')
    expect(await press('t')).to.equal('#/live?zone=utc')
    expect(await page.getByRole('radio', { name: 'UTC' }).isChecked()).to.equal(true)
    expect(await press('/')).to.equal('#/banners?zone=utc')
    await page.locator('#search:focus').waitFor()
    expect(await page.locator('#search').inputValue()).to.equal('')
    await page.goBack()
    await page.locator('#panels').waitFor()
    expect(await press('t')).to.equal('#/live')
    expect(complaints()).to.deep.equal([])
  })

  it('do nothing while somebody types, with another key held, or behind a dialog', async () => {
    const { page } = await dashboards.open({ hash: '#/banners' })
    await page.locator('#banner-rows .name').waitFor()
    const hash = () => new URL(page.url()).hash
    await page.getByLabel('Campaign', { exact: true }).focus()
    await page.keyboard.type('glt?/')
    expect(await page.getByLabel('Campaign', { exact: true }).inputValue()).to.equal('glt?/')
    await page.getByLabel('Campaign', { exact: true }).fill('')
    await page.getByRole('radio', { name: 'Local time' }).focus()
    for (const held of ['Control', 'Alt', 'Meta']) await page.keyboard.press(`${held}+t`)
    expect(hash()).to.equal('#/banners')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('t')
    await page.keyboard.press('Escape')
    expect(hash()).to.equal('#/banners')
    expect(await page.getByRole('dialog').count()).to.equal(0)
    await page.keyboard.press('t')
    expect(hash()).to.equal('#/banners?zone=utc')
  })

  it('are listed, and can be switched off for good', async () => {
    const { page, violations } = await dashboards.open({ hash: '#/live' })
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await dialog.getByRole('row', { name: 'g then b Go to Banners' }).waitFor()
    expect(await violations()).to.deep.equal([])
    const choice = dialog.getByRole('checkbox', { name: 'Shortcuts of letters and signs are on' })
    await choice.uncheck()
    await page.keyboard.press('Escape')
    await page.reload()
    await page.locator('.sentence', { hasText: 'Counting.' }).waitFor()
    for (const key of ['?', 't', 'g', 'b']) await page.keyboard.press(key)
    expect(new URL(page.url()).hash).to.equal('#/live')
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
    expect(await choice.isChecked()).to.equal(false)
    await choice.check()
    await page.keyboard.press('Escape')
    await page.keyboard.press('t')
    expect(new URL(page.url()).hash).to.equal('#/live?zone=utc')
  })

  for (const [chosen, system] of [
    ['dark', 'light'],
    ['light', 'dark'],
  ] as const)
    it(`are ${chosen} where the system is ${system}, in each view, from the first paint on`, async () => {
      const { page, violations, says } = await dashboards.open({ hash: '#/live', colorScheme: system })
      const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
      const bar = () =>
        page.evaluate(
          `[...document.querySelectorAll('meta[name=theme-color]')].find(bar => matchMedia(bar.media).matches).dataset.scheme`,
        )
      await says(/Counting\./)
      expect(await background()).to.equal(PAPER[system])
      await page.getByRole('radio', { name: chosen === 'dark' ? 'Dark' : 'Light' }).check()
      expect([await background(), await bar()]).to.deep.equal([PAPER[chosen], chosen])
      // Nothing of the page's modules has run by then.
      await page.route('**/main.js', route => route.abort())
      await page.reload()
      expect(await background()).to.equal(PAPER[chosen])
      await page.unroute('**/main.js')
      for (const [hash, seen] of Object.entries(VIEWS)) {
        await page.goto(`${dashboards.test.thread.url}/dashboard${hash}`)
        await page.reload()
        await says(/Counting\./)
        await page.locator(seen).first().waitFor()
        expect(await violations(), hash).to.deep.equal([])
      }
      await page.getByRole('radio', { name: 'As the system' }).check()
      expect([await background(), await bar()]).to.deep.equal([PAPER[system], system])
    })
})
