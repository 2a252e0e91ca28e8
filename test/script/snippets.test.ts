import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { TestBanners } from '../support/banners.ts'
import { launchChromium } from '../support/chromium.ts'
import { type HttpTest, startHttpTest } from '../support/http.ts'
import { unpackedTool } from '../support/unpacked.ts'
import { until } from '../support/until.ts'
import { startPageSite, type TestPage } from './page-site.ts'
import { snippetsOfPages } from './snippets.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SCRIPT = readFileSync(new URL('../../lib/script/clickcounter.js', import.meta.url), 'utf8')
const LINK = '<a href="https://shop.example/" data-banner="7">Autumn sale</a>'

describe('a snippet of docs/pages.md', function () {
  this.timeout(30_000)
  const snippets = snippetsOfPages()
  let counter: HttpTest
  let site: Awaited<ReturnType<typeof startPageSite>>
  let browser: Browser
  let page: Page
  /** What the site has now, by path; besides it has the shop. */
  let files: Record<string, TestPage | string>
  before(async function () {
    // It may have to be installed.
    this.timeout(300_000)
    browser = await launchChromium()
    site = await startPageSite(path => (path === '/shop' ? 'shop' : files[path]))
    const banners = new TestBanners().put(7, { target: `${site.url}/shop`, passQuery: ['gclid'] })
    counter = await startHttpTest({ banners: banners.forThread() })
  })
  after(async () => {
    await browser?.close()
    site?.close()
    await counter?.stop()
  })
  beforeEach(async () => {
    files = {}
    page = await browser.newPage()
  })
  afterEach(() => page.close())

  /** With the addresses of this test in place of those of the page. */
  const here = (text: string) =>
    text
      .replaceAll('https://count.example', `http://localhost:${counter.thread.port}`)
      .replaceAll('https://shop.example/', '/shop')
  const open = async (html: string, headers = {}) => {
    files['/'] = { text: here(html), headers }
    await page.goto(`${site.url}/`)
  }
  const follow = async () => {
    await page.click('a')
    await page.waitForURL('**/shop')
  }
  /** Asserts that the act counts one click of banner 7, and none besides. */
  const expectClick = async (act: () => Promise<unknown>) => {
    const { thread, database } = counter
    const before = thread.balance().accepted
    const counted = await counter.clicksCounted(async () => {
      await act()
      await until(() => thread.balance().accepted > before)
    })
    expect(counted).to.equal(1)
    const banners = await database.query('SELECT DISTINCT banner_id::int AS id FROM click_minutes')
    expect(banners).to.deep.equal([{ id: 7 }])
  }
  const expectNoClick = async (act: () => Promise<unknown>) =>
    expect(await counter.clicksCounted(act)).to.equal(0)

  const runs: Readonly<Record<string, (snippet: string) => Promise<void>>> = {
    'Link 1': async html => {
      await open(html)
      await expectClick(follow)
    },
    'Link 2': async html => {
      await open(html)
      await expectClick(async () => {
        await page.click('a')
        await page.waitForURL('**/shop?gclid=abc')
      })
    },
    'Google Ads 1': async template => {
      const url = here(template).trim().replace('{lpurl}', encodeURIComponent('https://elsewhere.example/'))
      await expectClick(async () => {
        const answer = await fetch(url, { redirect: 'manual' })
        expect([answer.status, answer.headers.get('location')]).to.deep.equal([302, `${site.url}/shop`])
      })
    },
    'Script 1': async html => {
      await open(html)
      await expectClick(follow)
    },
    'count 1': async js => {
      await open(`${snippets.get('Script 1')}`)
      await expectClick(() => page.evaluate(js))
      await open('<p>a page whose script was blocked</p>')
      await expectNoClick(() => page.evaluate(js))
    },
    'Consent 1': async html => {
      await open(html + LINK)
      await expectNoClick(follow)
      await open(html + LINK)
      await page.evaluate('void (document.documentElement.dataset.consent = "yes")')
      await expectClick(follow)
    },
    'Consent 2': async js => {
      const before = `<script>${js}</script>${snippets.get('Script 1')}`
      await open(before)
      await expectNoClick(() => page.evaluate('clickcounter.count(7)'))
      files['/consent'] = 'yes'
      await expectClick(() => page.evaluate('clickcounter.count(7)'))
      const after = `${snippets.get('Script 1')}<script>${js}</script>`
      await open(after)
      await expectClick(() => page.evaluate('clickcounter.count(7)'))
    },
    'Where it comes from 1': async html => {
      files['/js/clickcounter.js'] = { text: SCRIPT, headers: { 'content-type': 'text/javascript' } }
      await open(html + LINK)
      await expectClick(follow)
    },
    'Where it comes from 2': async header => {
      const [name, policy] = here(header).trim().split(': ') as [string, string]
      await open(`${snippets.get('Script 1')}`, { [name]: `default-src 'none'; ${policy}` })
      await expectClick(follow)
    },
    'Where it comes from 3': async html => {
      await open(html + LINK)
      await expectClick(follow)
      await open(html.replace('sha384-', 'sha384-A') + LINK)
      await expectNoClick(follow)
    },
    'Where it comes from 4': async command => {
      const { env } = await unpackedTool('openssl', ['openssl'])
      const { stdout } = await run('/bin/sh', ['-c', command], { env, cwd: ROOT })
      expect(snippets.get('Where it comes from 3')).to.include(`integrity="sha384-${stdout}"`)
    },
    'Image 1': html => expectClick(() => open(html)),
    'Ping 1': async html => {
      await open(html)
      await expectClick(follow)
    },
  }

  for (const [name, runSnippet] of Object.entries(runs))
    it(`does what it is for: ${name}`, async () => {
      const snippet = snippets.get(name)
      expect(snippet, name).to.be.a('string')
      await runSnippet(snippet!)
    })

  it('is run here, or compiled in language.test.ts', () => {
    expect([...snippets.keys()]).to.have.members([...Object.keys(runs), 'Types 1'])
  })
})
