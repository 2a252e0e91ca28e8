import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { snapshotOf } from '../support/keys.ts'
import {
  type BannersWorld,
  logIn,
  manager,
  openBanner,
  reader,
  rowOf,
  says,
  untilClicks,
  untilFirst,
  useWorld,
} from './banners-support.ts'

/** Names as they would come from somebody who means harm, past all rules. */
const HOSTILE = [
  '<img src=x onerror=alert(1)><script>alert(2)</script>',
  '\u202etxet desrever\u202c \u2066isolated',
  'x'.repeat(200),
  'שלום <b>עולם</b> 👩‍👩‍👧‍👦 🏳️‍🌈',
  `"'\`$\{alert(3)}{{alert(4)}}`,
  'é'.normalize('NFD').repeat(100),
]

const TOO_WIDE = `Array.from(document.querySelectorAll('dialog'), ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)
  .filter(pixels => pixels > 0)`

describe('the view Banners offers', function () {
  this.timeout(30_000)
  let world: BannersWorld
  useWorld(made => {
    world = made
  })

  /** What the page offers of all that changes something. */
  const offered = async (page: Page) => {
    const buttons = await page.getByRole('button').allInnerTexts()
    return buttons.filter(text => /^(Add|Import|Deactivate|Activate|Save|Delete)/.test(text))
  }

  it('no changes while there is no key, and says which command makes one', async () => {
    await world.register(7, { name: 'Autumn sale' })
    world.test.thread.keyring.replace(snapshotOf([]))
    const { page, violations } = await world.open('#/banners', { key: null })
    await untilFirst(page, 7)
    await page.getByText('To change banners, you need a key. npm run keys -- create makes one.').waitFor()
    expect(await offered(page)).to.deep.equal([])
    const dialog = await openBanner(page, 7)
    await dialog.getByText('To change banners, you need a key.').waitFor()
    expect(await dialog.getByLabel('Name').getAttribute('readonly')).to.equal('')
    expect(await dialog.getByLabel('Active', { exact: true }).isDisabled()).to.equal(true)
    expect(await offered(page)).to.deep.equal([])
    expect(await violations()).to.deep.equal([])
  })

  it('what the session’s key may do, from the log-in to the log-out', async () => {
    await world.register(7, { name: 'Autumn sale' })
    const { page } = await world.open('#/banners', { key: null })
    await page.getByText('Log in with a key to see banners.').waitFor()
    expect(await offered(page)).to.deep.equal([])
    await logIn(page, reader.text)
    await untilFirst(page, 7)
    await page.getByText('has not the scope manage, so you can read banners here').waitFor()
    expect(await offered(page)).to.deep.equal([])
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByText('Log in with a key to see banners.').waitFor()
    expect(await page.locator('#banner-rows tr').count()).to.equal(0)
    await logIn(page, manager.text)
    await rowOf(page, 7).getByRole('button', { name: 'Deactivate Autumn sale' }).waitFor()
    expect(await page.locator('#reading-only').isVisible()).to.equal(false)
    // A key that ends takes its offers along, at the next look.
    world.test.thread.keyring.replace(snapshotOf([reader]))
    await rowOf(page, 7).getByRole('button', { name: 'Deactivate' }).click()
    await page.getByText('Log in with a key first, then try again.').waitFor()
    await page.locator('#key:focus').waitFor()
    expect(await offered(page)).to.deep.equal([])
    expect(await rowOf(page, 7).isVisible(), 'what was shown').to.equal(true)
  })

  it('to switch a banner with one action, and to take that back', async () => {
    await world.register(7, { name: 'Autumn sale' })
    const { page } = await world.open()
    const row = rowOf(page, 7)
    const toggle = row.locator('.act button')
    const notice = (words: string) => page.locator('#notice-words').filter({ hasText: words }).waitFor()
    const undo = page.getByRole('button', { name: 'Undo' })
    await toggle.click()
    await notice('Banner 7, “Autumn sale”, was deactivated.')
    expect(await row.locator('.state').innerText()).to.equal('inactive')
    expect(await toggle.innerText()).to.match(/^Activate/)
    // What somebody else changes meanwhile stays.
    await undo.click()
    await notice('Banner 7, “Autumn sale”, is as before: activated.')
    expect(await row.locator('.state').innerText()).to.equal('active')
    await toggle.click()
    await notice('was deactivated.')
    await world.ask('PATCH', '/banners/7', { name: 'Winter sale' })
    await undo.click()
    await notice('was changed by somebody else meanwhile. It stays as it is now.')
    await row.getByRole('button', { name: 'Winter sale', exact: true }).waitFor()
    expect(await row.locator('.state').innerText()).to.equal('inactive')
    await world.ask('DELETE', '/banners/7')
    await toggle.click()
    await notice('Banner 7, “Winter sale”, was deleted meanwhile.')
    await says(page, 'No banner is registered yet')
    await page.getByRole('button', { name: 'Dismiss' }).click()
    expect(await page.getByRole('button', { name: 'Dismiss' }).isVisible()).to.equal(false)
  })

  it('what was done, and not what an older answer has of it', async () => {
    await world.register(7, { name: 'Autumn sale' })
    const { page } = await world.open('#/banners', { isClockStill: true })
    await untilClicks(page)
    const { promise, resolve } = Promise.withResolvers<void>()
    const late = page.waitForRequest(/\/banners\?/)
    await page.route(/\/banners\?/, async route => {
      const response = await route.fetch()
      await promise
      await route.fulfill({ response }).catch(() => {})
    })
    await page.clock.fastForward(30_000)
    await late
    await rowOf(page, 7).locator('.act button').click()
    await page.getByText('was deactivated.').waitFor()
    resolve()
    await page.waitForResponse(/stats$/)
    expect(await rowOf(page, 7).locator('.state').innerText()).to.equal('inactive')
  })

  it('texts of banners as texts, whatever is in them', async () => {
    for (const [index, name] of HOSTILE.entries())
      await world.test.database.query(
        `INSERT INTO banners
           (id, name, target, campaign, labels, pass_query, is_active, version, updated_at, updated_by)
         VALUES ($1, $2, 'javascript:alert(5)', $2, ARRAY[$2], '{}', true, gen_random_uuid(), now(), $2)`,
        [index + 1, name],
      )
    const { page, complaints } = await world.open('#/banners', { viewport: { width: 360, height: 740 } })
    const dialogs: string[] = []
    page.on('dialog', dialog => dialogs.push(dialog.message()))
    await untilFirst(page, 1)
    complaints()
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(360)
    for (const [index, name] of HOSTILE.entries()) {
      const row = rowOf(page, index + 1)
      expect(await row.locator('button.name').textContent()).to.equal(name)
      // Nothing of a name turns what stands around it.
      const style = `getComputedStyle(document.querySelectorAll('button.name bdi')[${index}])`
      const own = await page.evaluate(`${style}.unicodeBidi`)
      expect(own).to.equal('isolate')
      const dialog = await openBanner(page, index + 1)
      expect(await dialog.getByLabel('Name').inputValue()).to.equal(name)
      await dialog.getByRole('radio', { name: 'Code for pages' }).check()
      await dialog.getByRole('radio', { name: 'History' }).check()
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(360)
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
    }
    const made = 'a[href^="javascript"], #banners img, #banners script, dialog img, #banners b, [onerror]'
    expect(await page.locator(made).count()).to.equal(0)
    // They have no history: nobody has registered them by the rules.
    expect([...dialogs, ...complaints().filter(text => !text.includes('404'))]).to.deep.equal([])
  })

  it('a word of it when its files cannot be loaded', async () => {
    const { page, violations } = await world.open('', { key: null })
    await page.route('**/banners/view.js', route => route.abort())
    await page.getByRole('link', { name: 'Banners' }).click()
    await page.getByText('The files of this view could not be loaded.').waitFor()
    expect(await violations()).to.deep.equal([])
    await page.getByRole('link', { name: 'Live' }).click()
    await page.locator('.sentence', { hasText: 'Counting.' }).waitFor()
  })

  it('all of it to the keyboard', async () => {
    await world.register(7, { name: 'Autumn sale' })
    const { page } = await world.open()
    await untilFirst(page, 7)
    await page.evaluate('document.activeElement.blur()')
    await page.locator('#skip').focus()
    await page.keyboard.press('Enter')
    const focused = () =>
      page.evaluate('document.activeElement.id || document.activeElement.innerText.replaceAll("\\n", " ")')
    expect(await focused()).to.equal('list')
    const path: unknown[] = []
    const tab = async () => {
      await page.keyboard.press('Tab')
      path.push(await focused())
    }
    for (let stop = 0; stop < 5; stop++) await tab()
    expect(path).to.deep.equal(['Autumn sale', '0', 'Deactivate Autumn sale', 'CSV', 'NDJSON'])
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await page.getByText('was deactivated.').waitFor()
    expect(await focused()).to.equal('Activate Autumn sale')
    await rowOf(page, 7).locator('button.name').press('Enter')
    await page.locator('dialog h2:focus').waitFor()
    // The dialog holds the focus: behind its last control comes its first.
    const inside =
      "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
    for (let stop = 0; stop < 16; stop++) {
      await page.keyboard.press('Tab')
      expect(await page.evaluate(inside)).to.equal(true)
    }
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(await focused()).to.equal('Autumn sale')
  })

  for (const [colorScheme, ...widths] of [
    ['light', 360, 820],
    ['dark', 2560, 1440],
  ] as const)
    it(`nothing that axe-core objects to, ${colorScheme}, and fits windows of ${widths.join(' and ')}`, async () => {
      await world.register(7, { name: 'Autumn sale', campaign: 'autumn', labels: ['top'] })
      await world.register(8, {
        name: 'Winter '.repeat(28).trim(),
        isActive: false,
        activeFrom: '2026-01-01',
      })
      await world.register(9, { name: 'Spring', activeFrom: '2027-01-01', target: null })
      const { page, violations } = await world.open('#/banners', { colorScheme })
      await rowOf(page, 9).waitFor()
      const looksRight = async () => {
        for (const width of widths) {
          await page.setViewportSize({ width, height: 900 })
          expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(width)
          expect(await page.evaluate(TOO_WIDE), 'dialogs that scroll to the side').to.deep.equal([])
        }
        expect(await violations()).to.deep.equal([])
      }
      await rowOf(page, 7).locator('.act button').click()
      await page.getByText('was deactivated.').waitFor()
      await looksRight()
      const dialog = await openBanner(page, 8)
      await looksRight()
      await dialog.getByRole('radio', { name: 'Code for pages' }).check()
      await looksRight()
      await dialog.getByRole('radio', { name: 'History' }).check()
      await dialog.getByText('registered it on').waitFor()
      await looksRight()
      await page.keyboard.press('Escape')
      await page.getByLabel('Search names').fill('nobody')
      await says(page, 'No banner matches')
      await looksRight()
    })
})
