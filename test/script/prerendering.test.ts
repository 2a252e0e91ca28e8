import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { CHROMIUM, findBrowser } from '../support/browser.ts'
import { startChromium } from '../support/chromium.ts'
import { type HttpTest, startHttpTest } from '../support/http.ts'
import { until } from '../support/until.ts'

describe('a page that is prerendered', function () {
  this.timeout(30_000)
  let test: HttpTest
  before(async function () {
    // It may have to be installed.
    this.timeout(300_000)
    findBrowser(CHROMIUM)
    test = await startHttpTest()
  })
  after(() => test?.stop())

  it('counts what it counts once it is shown, and nothing before', async () => {
    const site = await startSite(`http://localhost:${test.thread.port}`)
    const close = await startChromium(site.url)
    try {
      await until(() => site.reports.length === 2)
      await until(async () => (await test.health()).clicks.ignored.prefetch > 0)
      await until(() => test.thread.balance().accepted > 0)
      expect(site.reports).to.deep.equal(['/before?true', '/shown?true'])
    } finally {
      await close()
      site.close()
    }
    expect((await test.health()).clicks.ignored.prefetch).to.equal(1)
    await test.thread.flush()
    const rows = await test.database.query('SELECT banner_id::int AS id, clicks::int FROM click_minutes')
    expect(rows).to.deep.equal([{ id: 2, clicks: 1 }])
  })
})

/** A page that prerenders another one, and goes there once that one has run. Each reports what `count` has answered. */
async function startSite(counter: string) {
  const reports: string[] = []
  const first = `<script type="speculationrules">{"prerender":[{"urls":["/next"],"eagerness":"immediate"}]}</script>
    <script>
      const look = async () => (await (await fetch('/reports')).text()) === '1' ? location.assign('/next') : look()
      look()
    </script>`
  const next = `<script src="${counter}/clickcounter.js"></script>
    <script>
      if (document.prerendering) {
        document.addEventListener('prerenderingchange', () => fetch('/shown?' + clickcounter.count(2)))
        fetch('/before?' + clickcounter.count(1))
      }
    </script>`
  const server = http.createServer(({ url }, response) => {
    if (/^.(before|shown)/.test(url!)) reports.push(url!)
    const text = { '/': first, '/next': next, '/reports': String(reports.length) }[url!] ?? ''
    response.setHeader('content-type', 'text/html').end(text)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    reports,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => void server.close(),
  }
}
