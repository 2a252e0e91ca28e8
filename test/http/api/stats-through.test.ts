import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { withClient } from '../../support/database.ts'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { setInstances } from '../../support/instances.ts'
import { until } from '../../support/until.ts'

const DAY = 'from=2024-12-12&to=2024-12-13'
const THROUGH = '2024-12-12T10:00:35Z'
const BEHIND = '2024-12-12T10:00:20Z'

describe('A question that waits for other instances', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
  })
  after(() => test.stop())
  beforeEach(() => moveTo(BEHIND))

  /** One of two writers lags. */
  const moveTo = (finalThrough: string) =>
    setInstances(test.database, [
      { name: 'web-1:8080', finalThrough: '2024-12-12T10:01:00Z' },
      { name: 'web-2:8080', finalThrough },
    ])
  const ask = (path: string, signal: AbortSignal | null = null) =>
    fetch(`${test.thread.url}${path}`, { signal })
  /** The looks at instances so far, of all connections. */
  const looks = async () => {
    const [row] = await test.database.query<{ seq_scan: string }>(
      `SELECT seq_scan::text FROM pg_stat_user_tables WHERE relname = 'click_instances'`,
    )
    return Number(row!.seq_scan)
  }

  for (const [path, total] of [
    [`/stats/1?${DAY}`, 9],
    [`/stats?${DAY}`, 18],
  ] as const)
    it(`has what they store meanwhile (${path})`, async () => {
      const asked = ask(`${path}&through=${THROUGH}`).then(async answer => (await answer.json()) as object)
      let isAnswered = false
      void asked.then(() => {
        isAnswered = true
      })
      await delay(700)
      expect(isAnswered).to.equal(false)
      await test.database.storeMinutes(`VALUES (1, '2024-12-12 10:00Z'::timestamptz, 9)`)
      await moveTo(THROUGH)
      expect(await asked).to.include({ total, finalThrough: THROUGH })
    })

  it('takes the instant in a body, in its zone', async () => {
    await moveTo(THROUGH)
    for (const through of [THROUGH, '2024-12-12T15:45:35', BEHIND]) {
      const body = { from: '2024-12-12', to: '2024-12-13', timeZone: 'Asia/Kathmandu', through }
      expect(await (await test.stats(1, body)).json()).to.include({ finalThrough: THROUGH })
    }
  })

  it('is refused after 10 s, and told who holds it back', async () => {
    const startedAt = performance.now()
    const answer = await ask(`/stats/1?${DAY}&through=${THROUGH}`)
    expect(performance.now() - startedAt).to.be.within(9_500, 12_000)
    expect(expectError(answer.status, await answer.text(), 503)).to.equal(
      `Not all clicks through ${THROUGH} are in Postgres yet: they are through ${BEHIND}, held back by web-2:8080. Ask again ` +
        'later, or without "through".',
    )
    expect(answer.headers.get('retry-after')).to.equal('5')
  })

  it('is wrong when it is far in the future, or no time', async () => {
    test.thread.clock.nowMs = Date.parse('2024-12-12T10:00:30Z')
    const messageOf = async (through: string) => {
      const answer = await ask(`/stats/1?${DAY}&through=${through}`)
      return expectError(answer.status, await answer.text(), 400)
    }
    expect(await messageOf('2024-12-12T10:00:40.001Z')).to.equal(
      '"through" is in the future by more than 10 s, and no question waits for longer: ask for an earlier instant, or later',
    )
    expect(await messageOf('soon')).to.match(/^"through" must be a time in ISO 8601/)
  })

  it('holds no connection and no place while it waits, and nothing is read when its client has left', async () => {
    const clients = new AbortController()
    const waiting = Array.from({ length: 20 }, () =>
      ask(`/stats/1?${DAY}&through=${THROUGH}`, clients.signal).catch(() => null),
    )
    await until(async () => (await looks()) > 0)
    const answered = await Promise.all(Array.from({ length: 10 }, () => ask(`/stats/1?${DAY}&step=all`)))
    for (const answer of answered) expect(answer.status).to.equal(200)
    clients.abort()
    await Promise.all(waiting)
    // What was read is counted when its connection is idle for a second.
    await until(async () => {
      const before = await looks()
      await delay(1500)
      return (await looks()) === before
    })
  })
})

describe('Questions while Postgres takes no clicks', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
    await setInstances(test.database, [{ name: 'web-1:8080', finalThrough: '2024-12-12T10:00:00Z' }])
  })
  after(() => test.stop())

  const click = async () => expect((await fetch(`${test.thread.url}/counter/1`)).status).to.equal(204)
  const ask = async () => await fetch(`${test.thread.url}/stats/1?${DAY}`)

  it('have what is there, and say through when, until the clicks are stored', async () => {
    await click()
    expect(await (await ask()).json()).to.include({ total: 1 })
    await withClient(test.database.server, async client => {
      await client.query('BEGIN; LOCK TABLE click_minutes IN SHARE MODE')
      await click()
      for (let nth = 0; nth < 3; nth++)
        expect(await (await ask()).json()).to.deep.include({
          ...{ total: 1, finalThrough: '2024-12-12T10:00:00Z', heldBackBy: ['web-1:8080'] },
        })
      const waits = await fetch(`${test.thread.url}/stats/1?${DAY}&through=2024-12-12T10:00:00Z`)
      expect(await waits.json()).to.include({ total: 1 })
      await client.query('ROLLBACK')
    })
    await until(async () => ((await (await ask()).json()) as { total: number }).total === 2)
  })

  it('are refused where no instance has told how far it is: nobody would see that clicks are missing', async () => {
    await setInstances(test.database, [])
    await withClient(test.database.server, async client => {
      await client.query('BEGIN; LOCK TABLE click_minutes IN SHARE MODE')
      await click()
      const answer = await ask()
      expect(expectError(answer.status, await answer.text(), 503)).to.match(/^The database cannot answer/)
      await client.query('ROLLBACK')
    })
  })
})
