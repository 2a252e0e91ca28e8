import { expect } from 'chai'
import { connect } from '../../../db/connection/connect.ts'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { newKey, snapshotOf } from '../../support/keys.ts'
import { type PostgresProxy, startPostgresProxy } from '../../support/proxy.ts'
import { until } from '../../support/until.ts'

const DAY = { from: '2024-12-12', to: '2024-12-13' }
const NONE = { total: 0, bots: 0, duplicates: 0 }

/** Half of the connections of a thread: 20, less two for main and for the flush worker. */
const MAX_WAITING = 9
const WAITING = `SELECT count(*)::int FROM pg_locks JOIN pg_database ON pg_database.oid = database
   WHERE datname = current_database() AND relation = 'click_minutes'::regclass AND NOT granted`

/** Bodies that are no question, and what is wrong with them. */
const wrong: Record<string, { body: unknown; says: RegExp }> = {
  'an empty list': { body: { ...DAY, ids: [] }, says: /"ids" names no banner: name some, or leave it out/ },
  'too many ids': {
    body: { ...DAY, ids: Array.from({ length: 1001 }, (_, nth) => nth + 1) },
    says: /"ids" has at most 1000 banners: ask twice/,
  },
  'an id twice': { body: { ...DAY, ids: [1, 2, 1] }, says: /"ids\[2\]" is banner 1 again/ },
  'an id that is none': { body: { ...DAY, ids: [1, 0] }, says: /"ids\[1\]"/ },
  'an id above all': { body: { ...DAY, ids: [2 ** 31] }, says: /"ids\[0\]"/ },
  'a text for an id': { body: { ...DAY, ids: ['1'] }, says: /"ids\[0\]" must be a whole number from 1/ },
  'a list for an id': { body: { ...DAY, ids: [[1]] }, says: /"ids\[0\]" must be a whole number from 1/ },
  'a number for ids': { body: { ...DAY, ids: 1 }, says: /"ids" must be a list of banners, such as \[1,2\]/ },
  'no range': { body: { ids: [1] }, says: /"from" is missing/ },
  'a range that ends before it begins': {
    body: { ids: [1], from: '2024-12-13', to: '2024-12-12' },
    says: /"from" must be before "to"/,
  },
  'a step that is none': { body: { ...DAY, ids: [1], step: 60 }, says: /"step" must be one of/ },
  'a list': { body: [1], says: /JSON object/ },
  'a prototype': { body: '{"ids":[1],"__proto__":{}}', says: /must be JSON/ },
  'half of it': { body: '{"ids":[1]', says: /must be JSON/ },
}

describe('the clicks of many banners', () => {
  let test: HttpTest
  let proxy: PostgresProxy
  before(async () => {
    test = await startHttpTest({
      settings: { TRUSTED_PROXIES: '127.0.0.1' },
      through: async server => {
        proxy = await startPostgresProxy(server)
        return proxy.server
      },
    })
    await test.database.storeMinutes(
      `VALUES
        (1, '2024-12-11 23:59Z', 100, 0, 0), (1, '2024-12-12 00:00Z', 1, 10, 0), (1, '2024-12-12 23:59Z', 2, 0, 20),
        (1, '2024-12-13 00:00Z', 100, 0, 0), (2, '2024-12-12 12:00Z', 9007199254740993, 0, 0),
        (3, '2024-12-12 12:00Z', 1, 1, 1)`,
    )
    await test.database.query(
      `INSERT INTO banners SELECT id, 'banner "' || id || '"', NULL, NULL, '{}', '{}', true, NULL, NULL,
         gen_random_uuid(), now(), 'test' FROM unnest('{1,4}'::bigint[]) AS id`,
    )
  })
  after(async () => {
    proxy.restore()
    await test.stop()
    await proxy.close()
  })

  const ask = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${test.thread.url}/stats`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const messageOf = async (answer: Response, status: number) =>
    expectError(answer.status, await answer.text(), status)

  it('are one sum for each, of each class, in the order of the ids, with names', async () => {
    const answer = await ask({ ids: [4, 3, 1], ...DAY })
    expect(answer.status).to.equal(200)
    expect(answer.headers.get('cache-control')).to.equal('no-store')
    expect(await answer.json()).to.deep.equal({
      ...{ from: '2024-12-12T00:00:00Z', to: '2024-12-13T00:00:00Z', step: 'all', timeZone: 'UTC' },
      ...{ total: 4, bots: 11, duplicates: 21, finalThrough: null },
      banners: [
        { bannerId: 4, name: 'banner "4"', ...NONE },
        { bannerId: 3, name: null, total: 1, bots: 1, duplicates: 1 },
        { bannerId: 1, name: 'banner "1"', total: 3, bots: 10, duplicates: 20 },
      ],
    })
  })

  it('are exact above 2^53', async () => {
    const text = await (await ask({ ids: [2, 3], ...DAY })).text()
    expect(text)
      .to.include('"total":9007199254740994,"bots":1')
      .and.to.include('"total":9007199254740993,"bots":0')
  })

  it('are those of 1000 banners, and have what was acknowledged before', async () => {
    const ids = Array.from({ length: 1000 }, (_, nth) => 2147483647 - nth)
    expect((await fetch(`${test.thread.url}/counter/2147483647`)).status).to.equal(204)
    const answer = (await (await ask({ ids, ...DAY })).json()) as { total: number; banners: object[] }
    expect(answer.total).to.equal(1)
    expect(answer.banners).to.have.lengthOf(1000)
    expect(answer.banners[0]).to.deep.equal({ ...NONE, bannerId: 2147483647, name: null, total: 1 })
  })

  for (const [what, { body, says }] of Object.entries(wrong))
    it(`are not those of a question with ${what}`, async () => {
      const message = await messageOf(await ask(body), 400)
      expect(message).to.match(says)
      expect(message.length).to.be.below(300)
    })

  it('are asked for in JSON and answered in JSON or CSV, by a short question', async () => {
    expect(
      await messageOf(await ask({ ids: [1], ...DAY }, { 'content-type': 'text/plain' }), 415),
    ).to.include('json')
    expect(await messageOf(await ask({ ids: [1], ...DAY }, { accept: 'text/html' }), 406)).to.include('json')
    expect(await messageOf(await ask(`${' '.repeat(32_768)}{}`), 413)).to.include('32768')
    const other = await fetch(`${test.thread.url}/stats`, { method: 'PUT' })
    expect(await messageOf(other, 405)).to.include('POST')
  })

  it('are for who may read, once there is a key', async () => {
    const key = newKey(['read'])
    test.thread.keyring.replace(snapshotOf([key]))
    expect((await ask({ ids: [1], ...DAY })).status).to.equal(401)
    expect((await ask({ ids: [1], ...DAY }, { authorization: `Bearer ${key.text}` })).status).to.equal(200)
    test.thread.keyring.replace(snapshotOf([]))
  })

  it('take the places of long answers, and leave connections to others', async () => {
    const key = newKey(['read', 'operate'])
    test.thread.keyring.replace(snapshotOf([key]))
    const headers = { authorization: `Bearer ${key.text}` }
    const client = await connect(test.database.server, 'clickcounter test')
    await client.query('BEGIN; LOCK click_minutes IN ACCESS EXCLUSIVE MODE')
    // Nobody has clicked, so none of them waits for a flush: each waits for the lock, or for a place.
    // Each is another client's: one alone has half of the places.
    const asked = Array.from({ length: 30 }, (_, nth) =>
      ask({ ids: [1], ...DAY }, { ...headers, 'x-forwarded-for': `192.0.2.${nth}` }),
    )
    await until(async () => (await client.query(WAITING)).rows[0].count === MAX_WAITING)
    expect((await fetch(`${test.thread.url}/keys`, { headers })).status).to.equal(200)
    expect((await client.query(WAITING)).rows[0].count).to.equal(MAX_WAITING)
    await client.query('ROLLBACK')
    await client.end()
    for (const answer of await Promise.all(asked)) expect(answer.status).to.equal(200)
    test.thread.keyring.replace(snapshotOf([]))
  })

  it('are 503 without the database', async () => {
    proxy.cut()
    const answer = await ask({ ids: [1], ...DAY })
    expect(answer.headers.get('retry-after')).to.equal('5')
    expect(await messageOf(answer, 503)).to.include('clicks are still counted')
    proxy.restore()
  })
})
