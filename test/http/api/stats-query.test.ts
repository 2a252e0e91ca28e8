import { once } from 'node:events'
import http from 'node:http'
import { expect } from 'chai'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { newKey, snapshotOf } from '../../support/keys.ts'
import { until } from '../../support/until.ts'

const LONG = '/stats/1?from=2024-01-01&to=2024-02-01'
const DAY = 'from=2024-12-12&to=2024-12-13'
/** All connections of the one thread for reading. */
const POOL_SIZE = 19
const BUSY = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'
                AND application_name LIKE 'clickcounter request%'`

/** Questions that the reader refuses, and what would fit. */
const tooLarge: Record<string, { query: string; says: RegExp }> = {
  'every minute of a year, also those without clicks': {
    query: '/stats/1?from=2024-01-01&to=2025-01-01&fill=true',
    says: /at most 50000 entries.*coarser step/,
  },
  'the minutes of many banners': {
    query: '/stats?ids=1,2&from=2024-01-01&to=2025-01-01&step=minute',
    says: /at most 50000 entries.*coarser step/,
  },
  'all banners, of which there are too many': {
    query: '/stats?from=2024-03-01&to=2024-03-02',
    says: /at most 1000 .*"top"/,
  },
  'a range before the year 1': {
    query: '/stats/1?from=0001-01-01&to=0001-01-02&compare=year',
    says: /before the year 1: ask without "compare"/,
  },
}

describe('a question as a query', () => {
  let test: HttpTest
  before(async () => {
    test = await startHttpTest()
    await test.database.storeMinutes(
      `SELECT 1, minute, 1 FROM generate_series('2024-01-01Z'::timestamptz, '2024-01-31T23:59Z', '1 minute') AS minute
       UNION ALL SELECT id, '2024-03-01Z', 1 FROM generate_series(10, 1010) AS id`,
    )
  })
  after(() => test.stop())

  const get = (path: string, init: RequestInit = {}) => fetch(`${test.thread.url}${path}`, init)

  it('has every click that was answered before, without waiting', async () => {
    for (let clicks = 1; clicks <= 20; clicks++) {
      expect((await get('/counter/6')).status).to.equal(204)
      for (const path of [`/stats/6?${DAY}`, `/stats?ids=6&${DAY}`])
        expect(((await (await get(path)).json()) as { total: number }).total).to.equal(clicks)
    }
  })

  it('by HEAD gets the headers of GET and no body', async () => {
    for (const path of [LONG, `/stats?ids=6&${DAY}`])
      for (const accept of ['application/json', 'text/csv']) {
        const headers = { accept, 'accept-encoding': 'identity' }
        const [of, ofHead] = [await get(path, { headers }), await get(path, { headers, method: 'HEAD' })]
        expect(ofHead.status).to.equal(200)
        expect(await ofHead.text()).to.equal('')
        for (const name of ['content-type', 'cache-control', 'vary', 'content-disposition'])
          expect(ofHead.headers.get(name), `${path} ${name}`).to.equal(of.headers.get(name))
        await of.text()
      }
    expect((await get('/stats/1?from=x', { method: 'HEAD' })).status).to.equal(400)
  })

  it('by HEAD of a long answer holds nothing', async () => {
    for (let round = 0; round < POOL_SIZE + 5; round++)
      expect((await get(LONG, { method: 'HEAD' })).status).to.equal(200)
    await until(async () => (await test.database.query(BUSY)).length === 0)
    expect(((await (await get(LONG)).json()) as { total: number }).total).to.equal(31 * 1440)
  })

  it('needs the key of a body, once there is one', async () => {
    const [reader, other] = [newKey(['read']), newKey(['count', 'manage', 'operate'])]
    test.thread.keyring.replace(snapshotOf([reader, other]))
    const statusOf = async (path: string, method: string, key: string | null) =>
      (await get(path, { method, headers: key === null ? {} : { authorization: `Bearer ${key}` } })).status
    for (const path of [`/stats/1?${DAY}`, `/stats?ids=1&${DAY}`])
      for (const method of ['GET', 'HEAD']) {
        expect(await statusOf(path, method, null)).to.equal(401)
        expect(await statusOf(path, method, other.text)).to.equal(403)
        expect(await statusOf(path, method, reader.text)).to.equal(200)
      }
    test.thread.keyring.replace(snapshotOf([]))
  })

  for (const [what, { query, says }] of Object.entries(tooLarge))
    it(`is refused for ${what}, and is told what would fit`, async () => {
      const response = await get(query)
      expect(expectError(response.status, await response.text(), 400)).to.match(says)
      expect(test.thread.failures).to.deep.equal([])
    })

  it('may be as long as a head, and no longer', async () => {
    const ids = Array.from({ length: 1000 }, (_, nth) => 2147483647 - nth)
    const answer = (await (await get(`/stats?ids=${ids}&${DAY}`)).json()) as { banners: unknown[] }
    expect(answer.banners).to.have.lengthOf(1000)
    expect((await get(`/stats?ids=${ids},${'1'.repeat(22_000)}&${DAY}`)).status).to.equal(431)
  })

  it('may have a body, which nobody reads', async () => {
    const request = http.request(`${test.thread.url}/stats/6?${DAY}`, { method: 'GET', agent: false })
    request.end('{"from":"1999-01-01","to":"1999-01-02"}')
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    const { from } = JSON.parse(Buffer.concat(await response.toArray()).toString())
    expect(from).to.equal('2024-12-12T00:00:00Z')
  })
})
