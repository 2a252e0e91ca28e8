import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { startDelayProxy } from '../../support/delay-proxy.ts'
import type { HttpTest } from '../../support/http.ts'
import { visitors } from '../../support/visitor.ts'
import type { Visit } from '../visit.ts'

const TABS = 10
const CLICKS_EACH = 10
const DELAY_MS = 400
const ARRIVAL_MS = 10_000

/**
 * Pages that are left with the click, by a counter that is DELAY_MS away, in all browsers at the same time: they mostly
 * wait. Closes the browsers.
 */
export function leavingSuite(visits: () => ReadonlyMap<string, Visit>): void {
  let clicks: Map<string, Promise<unknown>>
  before(() => {
    clicks = new Map(Array.from(visits(), ([name, visit]) => [name, leavePages(visit)]))
    // The test of the browser says so.
    for (const each of clicks.values()) each.catch(() => {})
  })

  for (const name of Object.keys(visitors))
    it(`counts 100 of 100 clicks in ${name}`, async () => {
      expect(await clicks.get(name)).to.deep.equal(
        Array.from({ length: TABS * CLICKS_EACH }, (_, nth) => ({ id: nth + 1, clicks: 1 })),
      )
    }).timeout(60_000)
}

/** Resolves with what was counted, by banner. */
async function leavePages({ counter, visitor }: Visit): Promise<unknown> {
  await counter.thread.flush()
  await counter.database.query('DELETE FROM click_minutes')
  const { accepted } = counter.thread.balance()
  const proxy = await startDelayProxy(counter.thread.port, DELAY_MS)
  const site = await startSite(proxy.port)
  try {
    await Promise.all(
      Array.from({ length: TABS }, async (_, nth) => {
        const tab = await visitor.openTab()
        const first = nth * CLICKS_EACH + 1
        await tab.goto(`${site.url}/${first}`)
        for (let id = first; id < first + CLICKS_EACH; id++) {
          await tab.click('document.links[0]')
          await tab.arriveAt(`/${id + 1}`)
        }
      }),
    )
    await arrived(counter, accepted + TABS * CLICKS_EACH)
    // After that, no click comes any more.
    await visitor.close()
    return await clicksByBanner(counter)
  } finally {
    site.close()
    proxy.close()
  }
}

/** Resolves when so many clicks were counted in all, or after ARRIVAL_MS, so that the test can say which ones are missing. */
async function arrived({ thread }: HttpTest, clicks: number): Promise<void> {
  const patience = performance.now() + ARRIVAL_MS
  while (thread.balance().accepted < clicks && performance.now() < patience) await setTimeout(20)
}

/** Pages by number. Each has one link, to the next one, which is the banner of that number. */
async function startSite(counterPort: number) {
  const server = http.createServer(({ url }, response) => {
    const id = Number(url!.slice(1))
    // Ten hosts, so that ten visitors do not share the six connections that a browser has to one.
    const counter = `http://counter-${Math.floor((id - 1) / CLICKS_EACH)}.localhost:${counterPort}`
    response
      .setHeader('content-type', 'text/html')
      // A page that the browser keeps would go on sending.
      .setHeader('cache-control', 'no-store')
      .end(
        `<!doctype html><title>${id}</title><script src="${counter}/clickcounter.js"></script>` +
          `<body><a href="/${id + 1}" data-banner="${id}">on to the next one</a>`,
      )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}

async function clicksByBanner({ thread, database }: HttpTest): Promise<unknown[]> {
  await thread.flush()
  return database.query('SELECT banner_id::int AS id, clicks::int FROM click_minutes ORDER BY id')
}
