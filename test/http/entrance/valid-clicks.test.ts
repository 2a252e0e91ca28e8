import { expect } from 'chai'
import { JournalError } from '../../../lib/base/errors.ts'
import { addRange, noRanges } from '../../../lib/bots/bot-lists.ts'
import { Salts } from '../../../lib/clients/salts.ts'
import { TestBanners } from '../../support/banners.ts'
import { BOT, BROWSER, type ClickOptions, KeptConnection } from '../../support/clicks.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { newKey, snapshotOf } from '../../support/keys.ts'
import { startTestThread, type TestThread } from '../../support/thread.ts'

const WINDOW_SECONDS = 8
const PER_MINUTE = 30
const DAY_MS = 86_400_000
const SETTINGS = {
  BOTS: 'class',
  DUPLICATE_WINDOW: String(WINDOW_SECONDS),
  CLIENT_CLICKS_PER_MINUTE: String(PER_MINUTE),
  TRUSTED_PROXIES: '127.0.0.1',
}
const target = 'https://shop.example/'

for (const HOT_LANE of ['on', 'off'])
  describe(`clicks with bots, duplicates and limits in force, HOT_LANE=${HOT_LANE}`, () => {
    let database: TestDatabase
    let thread: TestThread
    let connection: KeptConnection
    /** What the journal does. */
    let append: () => void = () => {}
    /** Each test has a banner and clients of its own. */
    let bannerId = 100
    before(async () => {
      database = await createTestDatabase()
      const banners = new TestBanners()
      for (let id = 100; id < 150; id++) banners.put(id, id % 2 === 0 ? { target } : {})
      const journal = { append: () => append(), close: () => {} }
      const settings = { ...SETTINGS, HOT_LANE, CLICK_FALLBACK_URL: 'https://shop.example/else' }
      thread = await startTestThread(database, { settings, banners: banners.forThread(), journal })
      connection = new KeptConnection(thread.port)
    })
    beforeEach(() => void bannerId++)
    afterEach(() => {
      append = () => {}
    })
    after(async () => {
      connection.close()
      await thread.stop()
      await database.drop()
    })

    /** A client of this test alone. */
    const own = (nth = 1) => `203.0.${bannerId}.${nth}`
    const click = (options: ClickOptions = {}, path = `/counter/${bannerId}`) =>
      connection.click(path, { forwardedFor: own(), ...options })

    /** The same client's click on a connection of its own. */
    async function elsewhere(): Promise<void> {
      const other = new KeptConnection(thread.port)
      await other.click(`/counter/${bannerId}`, { forwardedFor: own() })
      other.close()
    }

    /** What Postgres has of the test's banner: valid clicks, bots', duplicates. */
    async function stored(): Promise<number[]> {
      const question = '?from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z'
      const answer = await fetch(`${thread.url}/stats/${bannerId}${question}`)
      const { total, bots, duplicates } = (await answer.json()) as Record<string, number>
      return [total!, bots!, duplicates!]
    }

    /** Moves the clock as main sees it move: a look at each second. */
    function pass(ms: number): void {
      const end = thread.clock.nowMs + ms
      while (thread.clock.nowMs < end) {
        thread.clock.nowMs = Math.min(end, thread.clock.nowMs + 1000)
        thread.lookAtClients()
      }
    }

    it('have a class by every form, and it reaches Postgres', async () => {
      const agents = [BROWSER, BROWSER, BOT, '', null]
      for (const path of [`/counter/${bannerId}`, `/counter/${bannerId}.gif`, `/click/${bannerId}`])
        for (const agent of agents) {
          const { status } = await click({ agent }, path)
          expect(status).to.equal(path.endsWith('.gif') ? 200 : path.startsWith('/click') ? 302 : 204)
        }
      await click({ method: 'POST', agent: BOT })
      expect(await stored()).to.deep.equal([1, 10, 5])
    })

    it('are told apart by address, IPv6 network, User-Agent and banner', async () => {
      for (const forwardedFor of [own(1), own(2), `2001:db8:${bannerId}:1::1`, `2001:db8:${bannerId}:2::1`])
        await click({ forwardedFor })
      await click({ agent: `${BROWSER} Other/1` })
      await click({ forwardedFor: `2001:db8:${bannerId}:1::2` })
      await click({ forwardedFor: `::ffff:${own(2)}` })
      await click({}, `/counter/${bannerId + 1000}`)
      expect(await stored()).to.deep.equal([5, 0, 2])
    })

    it('are duplicates for the window, which they do not prolong', async () => {
      for (let quarter = 0; quarter < 9; quarter++) {
        await click()
        pass((WINDOW_SECONDS * 1000) / 4)
      }
      // After a window and after two; the seven others are duplicates, the last one of them just before the second window.
      expect(await stored()).to.deep.equal([3, 0, 6])
    })

    it('count in the minute of their own arrival, a duplicate behind its first click', async () => {
      const minute = Math.ceil(thread.clock.nowMs / 60_000) * 60_000
      pass(minute - 1 - thread.clock.nowMs)
      await click()
      thread.clock.nowMs = minute
      await click()
      const [from, to] = [minute - 60_000, minute + 60_000].map(atMs => new Date(atMs).toISOString())
      const answer = await fetch(`${thread.url}/stats/${bannerId}?from=${from}&to=${to}`)
      const { stats } = (await answer.json()) as { stats: Record<string, number>[] }
      expect(stats.map(({ v, duplicates }) => [v, duplicates])).to.deep.equal([
        [1, undefined],
        [0, 1],
      ])
    })

    it('are neither noted nor charged as prefetches, HEAD or OPTIONS', async () => {
      for (let nth = 0; nth < PER_MINUTE; nth++) {
        await click({ headers: { purpose: 'prefetch' } })
        await click({ method: 'HEAD' })
        await click({ method: 'OPTIONS' })
      }
      expect((await click()).status).to.equal(204)
      expect(await stored()).to.deep.equal([1, 0, 0])
    })

    it('are neither noted nor charged when they are bots’, or of a banner that does not count', async () => {
      await click({ agent: BOT })
      expect((await click()).status).to.equal(204)
      expect(await stored()).to.deep.equal([1, 1, 0])
    })

    for (const [name, refuse] of Object.entries({
      'the journal fails': () => {
        append = () => {
          append = () => {}
          throw new JournalError(new Error('no space left'))
        }
      },
      'what waits for Postgres has no room': () => thread.refuseClicks(true),
    }))
      it(`are valid when they come again after a 503, because ${name}`, async () => {
        refuse()
        expect((await click()).status).to.equal(503)
        thread.refuseClicks(false)
        expect((await click()).status).to.equal(204)
        expect((await click()).status).to.equal(204)
        expect(await stored()).to.deep.equal([1, 0, 1])
      })

    it('are duplicates across midnight, when the salt changes, on a connection that goes on and on another one', async () => {
      const midnight = Math.ceil(thread.clock.nowMs / DAY_MS) * DAY_MS
      thread.clock.nowMs = midnight - 2000
      thread.lookAtClients()
      await click()
      thread.clock.nowMs = midnight + 1000
      new Salts(thread.memory).rotate(thread.clock.nowMs, 0)
      thread.lookAtClients()
      await click()
      await elsewhere()
      pass(WINDOW_SECONDS * 1000 + 1)
      await click()
      // By the new salt alone.
      await elsewhere()
      expect(await stored()).to.deep.equal([2, 0, 3])
    })

    it('follow lists of bots that come to be in force under a connection', async () => {
      await click()
      const ranges = noRanges()
      addRange(ranges, own())
      thread.bots!.replace({ patterns: [], ranges: { ...ranges, count: 1 } })
      await click()
      thread.bots!.replace({ patterns: ['firefox/150'], ranges: noRanges() })
      await click()
      thread.bots!.replace({ patterns: [], ranges: noRanges() })
      await click()
      expect(await stored()).to.deep.equal([1, 2, 1])
    })

    it('get 429 beyond the limit, by address, until there is room for one', async () => {
      for (let nth = 0; nth < PER_MINUTE; nth++) expect((await click()).status).to.equal(204)
      const refused = await click()
      expect(refused.status).to.equal(429)
      expect(refused.headers).to.include({
        'retry-after': '2',
        'cache-control': 'no-store',
        'access-control-allow-origin': '*',
      })
      expect(JSON.parse(refused.body)).to.deep.equal({
        statusCode: 429,
        error: 'Too Many Requests',
        message: `more clicks have come from your address than ${PER_MINUTE} a minute: try again in 2 s`,
      })
      for (const path of [`/counter/${bannerId}.gif`, `/click/${bannerId}`])
        expect((await click({ agent: BOT }, path)).status).to.equal(429)
      expect((await click({ headers: { accept: 'text/html' } }, `/click/${bannerId}`)).body).to.include(
        '<h1>',
      )
      expect((await click({ method: 'POST' })).status).to.equal(429)
      expect((await click({ forwardedFor: own(2) })).status).to.equal(204)
      pass(2000)
      expect([(await click()).status, (await click()).status]).to.deep.equal([204, 429])
      pass(60_000)
      for (let nth = 0; nth < PER_MINUTE; nth++) expect((await click()).status).to.equal(204)
      expect((await click()).status).to.equal(429)
    })

    it('are not limited with a key that has the scope count', async () => {
      const [counting, reading] = [newKey(['count']), newKey(['read'])]
      thread.keyring.replace(snapshotOf([counting, reading]))
      const statusWith = async (text: string) =>
        (await click({ headers: { authorization: `Bearer ${text}` } })).status
      for (let nth = 0; nth < PER_MINUTE; nth++) await click()
      expect(await statusWith(counting.text)).to.equal(204)
      for (const text of [reading.text, 'nonsense']) expect(await statusWith(text)).to.equal(429)
      expect(thread.usedKeys).to.deep.equal([counting.id])
      thread.keyring.replace(snapshotOf([]))
    })

    it('are each its own client’s on one connection of a proxy', async () => {
      for (const nth of [1, 2, 1, 3, 2]) await click({ forwardedFor: own(nth) })
      await click({ forwardedFor: 'nobody' })
      await click({ forwardedFor: 'nobody' })
      expect(await stored()).to.deep.equal([4, 0, 3])
    })
  })
