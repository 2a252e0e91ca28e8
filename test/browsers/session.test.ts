import { json } from 'node:stream/consumers'
import { expect } from 'chai'
import { CHROMIUM, FIREFOX, findBrowser } from '../support/browser.ts'
import { launchChromium } from '../support/chromium.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { startFirefox } from '../support/firefox.ts'
import { endService, type ServiceProcess, startServiceProcess } from '../support/process.ts'
import { passAndNote, type Seen, startSite } from './site.ts'

const ADMIN_KEY = 'a-key-of-a-test-and-of-nothing-else-1'
const REPORT_MS = 40_000
const NOTHING = [
  ...['read', 'readClicks', 'sendQuestion', 'sendBulk', 'sendKey', 'logIn', 'logOut', 'submit', 'submitBulk'],
]

/** Opens a page; resolves with what closes the browser. */
type Open = (url: string) => Promise<() => Promise<void>>

const browsers: Record<string, Open> = {
  async Chromium(url) {
    const browser = await launchChromium()
    await (await browser.newPage()).goto(url)
    return () => browser.close()
  },
  Firefox: startFirefox,
}

describe('a session', function () {
  this.timeout(60_000)
  let database: TestDatabase
  let service: ServiceProcess
  before(async function () {
    // They may have to be installed.
    this.timeout(300_000)
    for (const kind of [CHROMIUM, FIREFOX]) findBrowser(kind)
    database = await createTestDatabase()
  })
  beforeEach(async () => {
    service = await startServiceProcess({ DATABASE_URL: database.url, ADMIN_KEY, SERVER_THREADS: '1' })
  })
  afterEach(async () => {
    await endService(service)
  })
  after(() => database.drop())

  for (const [name, open] of Object.entries(browsers))
    it(`is of use to no page of another origin, and over after the log-out, in ${name}`, async () => {
      const visit = await startVisit(service.url, open)
      try {
        const { before, neighbour, stranger, after } = await visit.reports()
        expect(before).to.deep.equal({
          wrong: { status: 401 },
          loggedIn: { status: 200, name: 'ADMIN_KEY' },
          cookie: '',
          read: 200,
        })
        const nothing = Object.fromEntries(NOTHING.map(way => [way, 'nothing']))
        expect({ neighbour, stranger }).to.deep.equal({ neighbour: nothing, stranger: nothing })
        expect(after).to.deep.equal({
          left: { status: 200, name: 'ADMIN_KEY' },
          read: 200,
          out: { status: 200, name: null },
          readAfter: 401,
          now: { status: 200, name: null },
        })
        expectRefusals(visit.seen)
        expect(await database.totalClicks()).to.equal(0)
      } finally {
        await visit.end()
      }
    })
})

/** Whatever pages of other origins have sent was refused, also where the browser sent the cookie with it. */
function expectRefusals(seen: readonly Seen[]): void {
  const foreign = seen.filter(({ site }) => site !== 'same-origin')
  const served = foreign.filter(
    ({ method, status }) => method !== 'GET' && ![401, 403, 405, 415].includes(status),
  )
  expect(served.filter(({ path, method }) => !(path === '/counter' && method === 'OPTIONS'))).to.deep.equal(
    [],
  )
  const cookies = (from: string) =>
    foreign.filter(({ site, method, hasCookie }) => site === from && method === 'POST' && hasCookie).length
  // Another port of the same host is the same site to a browser: the cookie comes along, and does not help.
  expect(cookies('same-site')).to.be.above(3)
  expect(cookies('cross-site')).to.equal(0)
}

type Reports = Readonly<Record<'before' | 'neighbour' | 'stranger' | 'after', unknown>>

/** A visit to the service, to a page of another port, to one of another host, and to the service again. */
async function startVisit(url: string, open: Open) {
  const reports: Partial<Reports> = {}
  const { promise, resolve, reject } = Promise.withResolvers<Reports>()
  const seen: Seen[] = []
  const note = async (report: object) => {
    Object.assign(reports, report)
    if (reports.after !== undefined) resolve(reports as Reports)
  }
  const own = await startSite(async (request, response) => {
    if (request.url !== '/report') seen.push(await passAndNote(url, request, response))
    else {
      await note((await json(request)) as object)
      response.end()
    }
  })
  const other = await startSite(async (request, response) => {
    if (request.url === '/report') await note((await json(request)) as object)
    response.end()
  })
  const service = `http://localhost:${own.port}`
  const page = (base: string, options: Record<string, string>) => `${base}?${new URLSearchParams(options)}`
  const after = `${service}/pages/owner`
  const attack = { service, key: ADMIN_KEY }
  const stranger = page(`http://127.0.0.1:${other.port}/pages/attacker`, {
    ...attack,
    name: 'stranger',
    next: after,
  })
  const neighbour = page(`http://localhost:${other.port}/pages/attacker`, {
    ...attack,
    name: 'neighbour',
    next: stranger,
  })
  const close = await open(page(after, { key: ADMIN_KEY, next: neighbour }))
  return {
    seen,
    /** Rejects when the pages report nothing, so that the browser is closed all the same. */
    async reports(): Promise<Reports> {
      const late = () => reject(new Error(`the pages do not report after ${Object.keys(reports)}`))
      const timer = setTimeout(late, REPORT_MS)
      return promise.finally(() => clearTimeout(timer))
    },
    async end() {
      await close()
      own.close()
      other.close()
    },
  }
}
