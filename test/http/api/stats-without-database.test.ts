import { expect } from 'chai'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { type PostgresProxy, startPostgresProxy } from '../../support/proxy.ts'

const YEAR = { from: '2023-01-01T00:00:00Z', to: '2024-01-01T00:00:00Z' }
const YEAR_CLICKS = 59 * 1440
const DAY = { from: '2024-12-12', to: '2024-12-13' }

describe('stats without the database', () => {
  let proxy: PostgresProxy
  let test: HttpTest
  before(async () => {
    test = await startHttpTest({
      through: async server => {
        proxy = await startPostgresProxy(server)
        return proxy.server
      },
    })
    await test.database.storeMinutes(
      `SELECT 1, minute, 1
       FROM generate_series('2023-01-01Z'::timestamptz, '2023-02-28T23:59Z', '1 minute') AS minute`,
    )
  })
  after(async () => {
    proxy.restore()
    await test.stop()
    await proxy.close()
  })
  afterEach(() => {
    proxy.judge = () => 'pass'
  })

  async function expectUnavailable(response: Response) {
    const message = expectError(response.status, await response.text(), 503)
    expect(message).to.match(/clicks are still counted/)
    expect(Number(response.headers.get('retry-after'))).to.be.within(1, 60)
  }

  async function totalOfYear(): Promise<number> {
    return ((await (await test.stats(1, YEAR)).json()) as { total: number }).total
  }

  /** The flusher tries a database that was away again when it thinks it right. */
  async function statsAfterOutage(bannerId: number): Promise<{ total: number }> {
    for (;;) {
      const response = await test.stats(bannerId, DAY)
      if (response.status === 200) return (await response.json()) as { total: number }
      await expectUnavailable(response)
    }
  }

  it('are refused with 503 and Retry-After while clicks go on, and then have all of them', async () => {
    const click = async () => {
      expect((await fetch(`${test.thread.url}/counter/2`)).status).to.equal(204)
    }
    await click()
    expect((await statsAfterOutage(2)).total).to.equal(1)
    proxy.cut()
    for (let round = 0; round < 5; round++) {
      await click()
      await expectUnavailable(await test.stats(2, DAY))
    }
    expect(test.thread.balance()).to.include({ accepted: 6, stored: 1, pending: 5 })
    proxy.restore()
    expect((await statsAfterOutage(2)).total).to.equal(6)
    expect(test.thread.balance()).to.include({ accepted: 6, stored: 6, pending: 0 })
  })

  for (const statement of ['BEGIN ISOLATION LEVEL', 'string_agg'])
    it(`are refused with 503 when the connection is lost before the answer has begun (${statement})`, async () => {
      proxy.judge = ({ sql }) => (sql.includes(statement) ? 'reset' : 'pass')
      await expectUnavailable(await test.stats(1, YEAR))
      proxy.judge = () => 'pass'
      expect(await totalOfYear()).to.equal(YEAR_CLICKS)
    })

  it('break off, rather than end, when the connection is lost in the middle', async () => {
    // The first page is read twice: once to see that there are more.
    for (const lost of [2, 3, 6]) {
      let pages = 0
      proxy.judge = ({ sql, stage }) =>
        sql.includes('string_agg') && stage === 'answered' && pages++ === lost ? 'reset' : 'pass'
      for (const accept of ['application/json', 'text/csv']) {
        pages = 0
        const response = await fetch(`${test.thread.url}/stats/1`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept },
          body: JSON.stringify(YEAR),
        })
        expect(response.status).to.equal(200)
        const text = await response.text().catch((error: Error) => error)
        expect(text).to.be.instanceOf(Error)
      }
    }
    proxy.judge = () => 'pass'
    expect(await totalOfYear()).to.equal(YEAR_CLICKS)
  })

  it('are refused with 503 when the tables are not there, without naming them', async () => {
    await test.database.query('ALTER TABLE click_minutes RENAME TO elsewhere')
    await expectUnavailable(await test.stats(1, YEAR))
    await test.database.query('ALTER TABLE elsewhere RENAME TO click_minutes')
    expect(await totalOfYear()).to.equal(YEAR_CLICKS)
  })
})
