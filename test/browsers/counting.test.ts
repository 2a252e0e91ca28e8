import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { expect } from 'chai'
import { CHROMIUM, FIREFOX, findBrowser } from '../support/browser.ts'
import { launchChromium } from '../support/chromium.ts'
import { startFirefox } from '../support/firefox.ts'
import { type HttpTest, startHttpTest } from '../support/http.ts'

const PING = 'a link that pings'
const ARRIVAL_MS = 10_000
const REPORT_MS = 40_000

/** Opens a page; resolves with what closes the browser. */
type Open = (url: string) => Promise<() => Promise<void>>

const browsers: Record<string, { open: Open; pings: boolean }> = {
  Chromium: {
    async open(url) {
      const browser = await launchChromium()
      await (await browser.newPage()).goto(url)
      return () => browser.close()
    },
    pings: true,
  },
  // Firefox does not ping by default.
  Firefox: { open: startFirefox, pings: false },
}

describe('a page of another origin counts each click once', function () {
  this.timeout(60_000)
  before(function () {
    // They may have to be installed.
    this.timeout(300_000)
    for (const kind of [CHROMIUM, FIREFOX]) findBrowser(kind)
  })

  for (const [name, { open, pings }] of Object.entries(browsers))
    it(`in ${name}, whichever way it goes`, async () => {
      const test = await startHttpTest()
      const pages = await startPages()
      const close = await open(`${pages.url}/?service=${test.thread.url}`)
      try {
        const { ways, failures } = await pages.report()
        const expected = ways.filter(way => pings || way !== PING).map(way => [way, 1])
        await arrived(test, expected.length)
        // After that, no click comes any more.
        await close()
        expect({ failures, clicks: await clicksByWay(test, ways) }).to.deep.equal({
          failures: [],
          clicks: Object.fromEntries(expected),
        })
      } finally {
        await close()
        pages.close()
        await test.stop()
      }
    })
})

/** Resolves when so many clicks are counted, or after ARRIVAL_MS: a beacon's arrival has no event. */
async function arrived(test: HttpTest, clicks: number): Promise<void> {
  const until = Date.now() + ARRIVAL_MS
  while (test.thread.balance().accepted < clicks && Date.now() < until)
    await new Promise(resolve => setTimeout(resolve, 20))
}

async function clicksByWay({ thread, database }: HttpTest, ways: readonly string[]) {
  await thread.flush()
  const rows = await database.query('SELECT banner_id::int AS id, clicks::int FROM click_minutes')
  return Object.fromEntries(
    (rows as { id: number; clicks: number }[]).map(({ id, clicks }) => [ways[id - 1], clicks]),
  )
}

interface Report {
  /** In the order of their banners. */
  readonly ways: readonly string[]
  readonly failures: readonly string[]
}

/** The pages, at a site that is not the service's. */
async function startPages() {
  const { promise, resolve, reject } = Promise.withResolvers<Report>()
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://pages')
    if (pathname === '/report') {
      await json(request).then(report => resolve(report as Report), reject)
      response.end()
    } else if (pathname === '/' || pathname === '/last') {
      const script = pathname === '/' ? '<script type="module" src="main.js"></script>' : ''
      response.setHeader('content-type', 'text/html').end(`<!doctype html><title>page</title><body>${script}`)
    } else if (/^\/(main|cases)\.js$/.test(pathname)) {
      const file = await readFile(new URL(`page${pathname}`, import.meta.url))
      response.setHeader('content-type', 'text/javascript').end(file)
    } else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    /** What the page reports. Rejects when it reports nothing, so that the browser is closed all the same. */
    async report() {
      const timer = setTimeout(() => reject(new Error('the page does not report')), REPORT_MS)
      return promise.finally(() => clearTimeout(timer))
    },
    close: () => void server.close(),
  }
}
