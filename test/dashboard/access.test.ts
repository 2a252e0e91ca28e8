import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { certificateMaker } from '../support/certificates.ts'
import { launchChromium } from '../support/chromium.ts'
import { type HttpTest, startHttpTest } from '../support/http.ts'
import { newKey, snapshotOf } from '../support/keys.ts'
import { passOn } from '../support/pass-on.ts'
import { openDashboard } from './page-support.ts'

const PHONE = { width: 360, height: 740 }
const COOKIE = 'clickcounter'
const reader = newKey(['read'])
const other = newKey(['read', 'operate'])
const counter = newKey(['count'])
const BANNER_7 = /^5 clicks .* local time, by minute$/
const ASKED = 'Log in with a key to see clicks. The question is asked again then.'

describe('the dashboard asks who reads it', function () {
  this.timeout(30_000)
  let browser: Browser
  let test: HttpTest
  /** End what a test has started: its pages first, then what they load from. */
  let ends: (() => unknown)[]
  const dashboard = async (options: Parameters<typeof openDashboard>[2] = {}, url = test.thread.url) => {
    const page = await openDashboard(browser, url, options)
    ends.unshift(() => page.close())
    return page
  }
  const know = (...keys: Parameters<typeof snapshotOf>[0]) => test.thread.keyring.replace(snapshotOf(keys))
  const keyField = (page: Page) => page.getByLabel('Key', { exact: true })
  const logIn = async (page: Page, key: string) => {
    await keyField(page).fill(key)
    await page.getByRole('button', { name: 'Log in' }).click()
  }
  const cookieOf = async (page: Page) => (await page.context().cookies())[0]
  /** As a thief who has copied it. */
  const useCookie = async (page: Page, value: string) => {
    await page.context().clearCookies()
    await page.context().addCookies([{ name: COOKIE, value, url: test.thread.url }])
    await page.reload()
  }

  before(async function () {
    // It may have to be installed.
    this.timeout(300_000)
    browser = await launchChromium()
    test = await startHttpTest()
    // The browser's clock is the real one.
    test.thread.clock.nowMs = Date.now()
    for (let time = 0; time < 5; time++) await fetch(`${test.thread.url}/counter/7`)
    for (let time = 0; time < 3; time++) await fetch(`${test.thread.url}/counter/8`)
  })
  beforeEach(() => {
    ends = []
    know(reader, other, counter)
  })
  afterEach(async () => {
    for (const end of ends) await end()
  })
  after(async () => {
    await browser.close()
    await test.stop()
  })

  it('not while there is no key: it says what is open, and how to close it', async () => {
    know()
    const { page, complaints } = await dashboard({ hash: '#banner=7&range=hour' })
    await page
      .getByText('Open: everybody who reaches this address can read. npm run keys -- create')
      .waitFor()
    await page.getByRole('heading', { name: BANNER_7 }).waitFor()
    expect(await keyField(page).isVisible()).to.equal(false)
    expect(await page.getByRole('button', { name: 'Log out' }).isVisible()).to.equal(false)
    // Nobody has registered the banner.
    expect(complaints().filter(text => !text.includes('404'))).to.deep.equal([])
  })

  it('once, over reloads, until the log-out', async () => {
    const { page } = await dashboard({ hash: '#banner=7&range=hour' })
    await page.getByText(ASKED).waitFor()
    await logIn(page, 'cck_mistyped')
    await page
      .getByRole('alert')
      .filter({ hasText: /mistyped/ })
      .waitFor()
    expect(await keyField(page).inputValue()).to.equal('')
    await logIn(page, ` ${reader.text}\n`)
    await page.getByRole('heading', { name: BANNER_7 }).waitFor()
    await page.getByText('Logged in with the key read').waitFor()
    // The question was in the address: nobody waits at the answer, further down.
    await page.locator('#who:focus').waitFor()
    const kept = await page.evaluate(`JSON.stringify([
      location.href, document.title, document.cookie, document.documentElement.outerHTML, history.length,
      history.state, Object.entries(localStorage), Object.entries(sessionStorage),
      Array.from(document.querySelectorAll('input'), input => input.value),
    ])`)
    expect(kept).not.to.include(reader.text).and.not.include(`${COOKIE}=`)
    const { value, ...attributes } = (await cookieOf(page))!
    expect(attributes).to.deep.include({ name: COOKIE, httpOnly: true, sameSite: 'Strict', path: '/' })
    await page.reload()
    await page.getByRole('heading', { name: BANNER_7 }).waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByText(ASKED).waitFor()
    expect(await page.getByRole('heading', { name: BANNER_7 }).isVisible()).to.equal(false)
    expect(await page.context().cookies()).to.deep.equal([])
    const ended = await test.database.query<{ id: string }>('SELECT id FROM ended_sessions')
    const endedSessions = ended.map(({ id }) => ({ id, endsAtMs: Date.now() }))
    test.thread.keyring.replace({ ...snapshotOf([reader]), endedSessions })
    await useCookie(page, value)
    await page.getByText(ASKED).waitFor()
  })

  it('again, when its cookie is forged', async () => {
    const { page } = await dashboard({ hash: '#banner=7&range=hour' })
    await logIn(page, counter.text)
    await page.getByText('This key has not the scope read: it shows no clicks.').waitFor()
    await page.getByText('this key has not the scope read: use one that has it').waitFor()
    const { value } = (await cookieOf(page))!
    await useCookie(page, value.replace(counter.id, reader.id))
    await page.getByText(ASKED).waitFor()
  })

  it('again, when the session ends, and loses nothing of what was typed and shown', async () => {
    const { page } = await dashboard({ hash: '#banner=7&range=hour' })
    await logIn(page, reader.text)
    await page.getByRole('heading', { name: BANNER_7 }).waitFor()
    know(other)
    await page.getByLabel('Banner id').fill('8')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByText(ASKED).waitFor()
    await page.locator('#key:focus').waitFor()
    expect(await page.getByRole('heading', { name: BANNER_7 }).isVisible()).to.equal(true)
    await logIn(page, other.text)
    await page.getByRole('heading', { name: /^3 clicks .* local time, by minute$/ }).waitFor()
    await page.locator('#answer-title:focus').waitFor()
  })

  it('again within a minute, also when nobody asks for anything', async () => {
    const { page } = await dashboard({ isClockStill: true })
    await logIn(page, reader.text)
    await page.getByText('Logged in with the key read').waitFor()
    know(other)
    await page.clock.runFor(60_000)
    await keyField(page).waitFor()
    know()
    await page.clock.runFor(60_000)
    await page.getByText('Open: everybody who reaches this address can read.').waitFor()
    expect(await keyField(page).isVisible()).to.equal(false)
  })

  it('and says so when it gets no answer, and when a log-out is not recorded', async () => {
    const { page } = await dashboard()
    await keyField(page).waitFor()
    await page.route('**/session', route => route.abort())
    await logIn(page, reader.text)
    await page.getByText('The service did not answer. Try again later.').waitFor()
    await page.unroute('**/session')
    await logIn(page, reader.text)
    await page.getByText('Logged in with the key read').waitFor()
    const message = 'The database cannot record the log-out at the moment.'
    await page.route('**/session', route =>
      route.request().method() === 'DELETE'
        ? route.fulfill({ status: 503, json: { statusCode: 503, error: 'Service Unavailable', message } })
        : route.continue(),
    )
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByText(message).waitFor()
  })

  it('with the keyboard alone', async () => {
    const { page } = await dashboard()
    await keyField(page).waitFor()
    for (let stop = 0; stop < 9; stop++) await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.id')).to.equal('key')
    await page.keyboard.type(reader.text)
    await page.keyboard.press('Enter')
    await page.locator('#who:focus').waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('Log out')
    await page.keyboard.press('Enter')
    await keyField(page).waitFor()
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`in words and colours that axe-core does not object to, ${colorScheme}, and fits a phone`, async () => {
      const { page, violations } = await dashboard({ colorScheme, viewport: PHONE })
      await keyField(page).waitFor()
      await logIn(page, 'cck_')
      await page.getByRole('alert').waitFor()
      expect(await violations()).to.deep.equal([])
      await logIn(page, counter.text)
      await page.getByText('This key has not the scope read').waitFor()
      expect(await violations()).to.deep.equal([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(PHONE.width)
    })

  it('for the state of the service as well, where that is not public', async () => {
    const closed = await startHttpTest({ settings: { HEALTH_IS_PUBLIC: 'false' } })
    ends.push(() => closed.stop())
    closed.thread.clock.nowMs = Date.now()
    closed.thread.keyring.replace(snapshotOf([reader, other]))
    const { page, says, violations } = await dashboard({}, closed.thread.url)
    const panels = page.locator('#panels')
    await says(/Not shown\. The state of the service: log in with a key that has the scope operate\./)
    expect(await panels.isVisible()).to.equal(false)
    await logIn(page, reader.text)
    await says(/Not shown\. .* this key has not the scope operate/)
    expect(await panels.isVisible()).to.equal(false)
    expect(await violations()).to.deep.equal([])
    await page.getByRole('button', { name: 'Log out' }).click()
    await says(/log in with a key/)
    await logIn(page, other.text)
    await says(/Counting\./)
    await page.getByRole('img', { name: /^Clicks per second: now/ }).waitFor()
    closed.thread.keyring.replace(snapshotOf([reader]))
    await says(/Not shown any more\./)
    await keyField(page).waitFor()
    expect(await panels.isVisible()).to.equal(true)
    expect(await violations()).to.deep.equal([])
  })

  it('over https, for a cookie that goes over nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'clickcounter-https-'))
    const { cert, key } = await (await certificateMaker(folder)).authority('localhost')
    const files = { cert: await readFile(cert), key: await readFile(key) }
    const proxy = createServer(files, (request, response) => {
      void passOn(`${test.thread.url}${request.url}`, request, response)
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    ends.push(
      () => proxy.close(),
      () => rm(folder, { recursive: true }),
    )
    const url = `https://localhost:${(proxy.address() as AddressInfo).port}`
    const { page } = await dashboard({ ignoreHTTPSErrors: true }, url)
    await logIn(page, reader.text)
    await page.getByText('Logged in with the key read').waitFor()
    expect(await cookieOf(page)).to.include({ name: '__Host-clickcounter', secure: true, httpOnly: true })
    await page.reload()
    await page.getByText('Logged in with the key read').waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await keyField(page).waitFor()
    expect(await page.context().cookies()).to.deep.equal([])
  })
})
