import { once } from 'node:events'
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { type BannersTest, manager, messageOf, reader, startBannersTest } from './banners-support.ts'

interface Page {
  readonly banners: readonly { readonly id: number; readonly name: string }[]
  readonly next: string | null
}

describe('GET /banners', () => {
  let banners: BannersTest
  before(async () => {
    banners = await startBannersTest()
  })
  beforeEach(async () => {
    await banners.test.database.query('DELETE FROM banners')
    // Every second one is active, and of campaign autumn.
    await banners.test.database.query(
      `INSERT INTO banners SELECT id, 'Sale ' || id, NULL, CASE id % 2 WHEN 0 THEN 'autumn' END,
         CASE id % 3 WHEN 0 THEN '{mobile,ü&%}'::text[] ELSE '{}' END, '{}', id % 2 = 0, NULL, NULL, gen_random_uuid(),
         now(), 'test'
       FROM generate_series(1, 250) AS id`,
    )
  })
  after(() => banners.stop())

  const list = async (query = '') => {
    const answer = await banners.ask(query, { key: reader })
    expect(answer.status, query).to.equal(200)
    expect(answer.headers.get('cache-control')).to.equal('no-store')
    return (await answer.json()) as Page
  }
  const idsOf = ({ banners }: Page) => banners.map(({ id }) => id)
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, nth) => from + nth)

  it('has 100 of them by themselves, ascending, and says where the next ones are', async () => {
    const first = await list()
    expect(idsOf(first)).to.deep.equal(range(1, 100))
    const second = await list(`?after=${first.next}`)
    expect(idsOf(second)).to.deep.equal(range(101, 200))
    const third = await list(`?limit=50&after=${second.next}`)
    expect(idsOf(third)).to.deep.equal(range(201, 250))
    expect(third.next).to.equal(null)
    expect(idsOf(await list('?limit=1000'))).to.deep.equal(range(1, 250))
  })

  it('has each that stays once, while others come and go between the pages', async () => {
    const seen: number[] = []
    let after = ''
    for (let page = 0; ; page++) {
      const { banners: found, next } = await list(`?limit=10${after}`)
      seen.push(...found.map(({ id }) => id))
      if (next === null) break
      after = `&after=${next}`
      const last = seen.at(-1)!
      // The last one that was seen, one behind it, and one in front of all.
      await banners.test.database.query('DELETE FROM banners WHERE id = ANY ($1)', [[last, last + 3]])
      await banners.test.database.query(
        `INSERT INTO banners SELECT $1, 'new', NULL, NULL, '{}', '{}', true, NULL, NULL, gen_random_uuid(), now(), 't'`,
        [1000 + page],
      )
    }
    expect(seen).to.have.lengthOf(new Set(seen).size)
    expect(seen).to.deep.equal(seen.toSorted((a, b) => a - b))
    const stayed = (await banners.test.database.query<{ id: number }>('SELECT id::int FROM banners')).map(
      ({ id }) => id,
    )
    expect(seen).to.include.members(stayed.filter(id => id <= 250))
  })

  it('has those alone that a filter lets pass, also on later pages', async () => {
    expect(idsOf(await list('?q=sALE%2024&limit=3'))).to.deep.equal([24, 240, 241])
    expect(idsOf(await list('?campaign=autumn&limit=2'))).to.deep.equal([2, 4])
    expect(idsOf(await list('?label=mobile&active=true&limit=2'))).to.deep.equal([6, 12])
    expect(idsOf(await list('?active=false&limit=2'))).to.deep.equal([1, 3])
    expect(idsOf(await list(`?label=${encodeURIComponent('ü&%')}&limit=1`))).to.deep.equal([3])
    expect(await list('?campaign=none')).to.deep.equal({ banners: [], next: null })
    const { next } = await list('?campaign=autumn&limit=100')
    expect(idsOf(await list(`?campaign=autumn&limit=100&after=${next}`))).to.deep.equal(
      range(101, 125).map(half => 2 * half),
    )
    for (const literal of ['.', '%25', '_', '*', '(', '%5C', '[a'])
      expect(idsOf(await list(`?q=${literal}`))).to.deep.equal([])
  })

  for (const [query, says] of [
    ['?limit=0', /limit is "0": it must be a whole number from 1 to 1000/],
    ['?limit=1001', /limit is/],
    ['?limit=', /limit is ""/],
    ['?limit=1&limit=2', /limit stands there twice/],
    ['?after=7', /after is "7": it must be what "next" was/],
    ['?after=', /after is ""/],
    ['?lable=a', /"lable" \(did you mean label\?\)/],
    ['?colour=a', /there are limit, after, q, campaign, label and active/],
    ['?__proto__=a', /no parameter/],
    ['?active=yes', /active is "yes": it must be true or false/],
    ['?q=', /q is "": it must be one line of 1 to 200 characters/],
    ['?q=%00', /q is "\\u0000": it must be one line/],
    [`?q=${'x'.repeat(201)}`, /q is "x{80}…": it must be/],
    ['?campaign=a%0Ab', /campaign is/],
    ['?label=%EF%BF%BF', /label is/],
  ] as const)
    it(`is 400 for ${query.slice(0, 30)}`, async () => {
      expect(await messageOf(await banners.ask(query), 400)).to.match(says)
    })

  it('is 406 in formats that it has not, and 400 for no list of formats', async () => {
    const accept = (text: string) => banners.ask('', { headers: { accept: text } })
    expect(await messageOf(await accept('text/html'), 406)).to.include('application/x-ndjson or text/csv')
    expect(await messageOf(await accept('text/csv; header'), 400)).to.include('list of media types')
    expect((await accept('*/*')).headers.get('content-type')).to.include('application/json')
  })

  for (const [type, name] of [
    ['application/x-ndjson', 'banners.ndjson'],
    ['text/csv', 'banners.csv'],
  ] as const) {
    const file = (query = '', more = {}) => banners.ask(query, { headers: { accept: type, ...more } })

    it(`has all of them in ${type}, as an import takes them`, async () => {
      const answer = await file()
      expect(answer.headers.get('content-type')).to.equal(`${type}; charset=utf-8`)
      expect(answer.headers.get('content-disposition')).to.equal(`attachment; filename="${name}"`)
      expect(answer.headers.get('vary')).to.match(/^accept(,|$)/)
      const body = await answer.text()
      const lines = body.split('\n').length - 1
      expect(lines).to.equal(type === 'text/csv' ? 251 : 250)
      const imported = await banners.ask('', { method: 'POST', body, headers: { 'content-type': type } })
      expect(await imported.json()).to.deep.equal({ created: 0, changed: 0, unchanged: 250, sample: [] })
    })

    it(`has those alone in ${type} that a filter lets pass, and no page`, async () => {
      expect((await (await file('?campaign=autumn&label=mobile')).text()).match(/Sale/g)).to.have.lengthOf(41)
      expect(await (await file('?campaign=none')).text()).to.match(
        type === 'text/csv' ? /^id,name.*\r\n$/ : /^$/,
      )
      for (const query of ['?limit=1', '?after=x'])
        expect(await messageOf(await file(query), 400)).to.include('limit and after are for pages in JSON')
    })

    it(`is 503 in ${type} without the database, and breaks off when it is lost in the middle`, async () => {
      await banners.test.database.query(
        `INSERT INTO banners SELECT id, repeat('x', 200), NULL, NULL, '{}', '{}', true, NULL, NULL, gen_random_uuid(), now(), 't'
         FROM generate_series(1001, 31000) AS id`,
      )
      banners.proxy.cut()
      const answer = await file()
      expect(answer.headers.get('retry-after')).to.equal('5')
      expect(await messageOf(answer, 503)).to.include('/health')
      banners.proxy.restore()
      let pages = 0
      banners.proxy.judge = ({ sql, stage }) =>
        sql.includes('FROM banners') && stage === 'answered' && pages++ === 5 ? 'reset' : 'pass'
      const broken = await file()
      expect(broken.status).to.equal(200)
      expect(await broken.text().catch((error: Error) => error)).to.be.instanceOf(Error)
      banners.proxy.judge = () => 'pass'
    })
  }

  it('may be compressed', async () => {
    for (const accept of ['application/json', 'application/x-ndjson', 'text/csv']) {
      const headers = { authorization: `Bearer ${manager.text}`, accept, 'accept-encoding': 'gzip' }
      const answer = await fetch(`${banners.test.thread.url}/banners`, { headers })
      expect(answer.headers.get('content-encoding'), accept).to.equal('gzip')
    }
  })
})

describe('a file of all banners', () => {
  let banners: BannersTest
  before(async () => {
    // Two connections for the thread.
    banners = await startBannersTest({ DATABASE_MAX_OPEN_CONNS: '4' })
    await banners.test.database.query(
      `INSERT INTO banners SELECT id, repeat('x', 200), NULL, NULL, '{}', '{}', true, NULL, NULL, gen_random_uuid(), now(), 't'
       FROM generate_series(1, 60000) AS id`,
    )
  })
  after(() => banners.stop())

  it('holds no connection and no lock while it is read slowly, and has what is changed meanwhile', async () => {
    const headers = { authorization: `Bearer ${reader.text}`, accept: 'application/x-ndjson' }
    const requests = Array.from({ length: 4 }, () =>
      http.get(`${banners.test.thread.url}/banners`, { headers }),
    )
    const answers = await Promise.all(requests.map(async request => (await once(request, 'response'))[0]))
    // Nobody reads: each is as far as the system has room for it.
    await banners.test.database.query(
      "DO $$ BEGIN SET LOCAL lock_timeout = '10s'; LOCK TABLE banners IN ACCESS EXCLUSIVE MODE; END $$",
    )
    const last = await banners.ask('/60000', { method: 'PATCH', body: { name: 'meanwhile' } })
    expect(last.status).to.equal(200)
    for (const request of requests.slice(1)) request.on('error', () => {}).destroy()
    const lines = (await text(answers[0] as http.IncomingMessage)).trimEnd().split('\n')
    expect(lines).to.have.lengthOf(60_000)
    expect(lines.at(-1)).to.include('"name":"meanwhile"')
  })
})
