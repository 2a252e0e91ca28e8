import { expect } from 'chai'
import { connect } from '../../../db/connection/connect.ts'
import { statements } from '../../../db/statements.ts'
import { type BannersTest, manager, messageOf, reader, startBannersTest } from './banners-support.ts'

const TARGET = 'https://shop.example/autumn?click={click_id}'
const least = {
  ...{ target: null, campaign: null, labels: [], passQuery: [], isActive: true },
  ...{ activeFrom: null, activeUntil: null },
}
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

interface Body {
  readonly version: string
  readonly [field: string]: unknown
}

describe('/banners/{id}', () => {
  let banners: BannersTest
  before(async () => {
    banners = await startBannersTest()
  })
  after(() => banners.stop())

  const put = (id: number, body: unknown, headers = {}) =>
    banners.ask(`/${id}`, { method: 'PUT', body, headers })
  const patch = (id: number, body: unknown, headers = {}) =>
    banners.ask(`/${id}`, { method: 'PATCH', body, headers })
  const remove = (id: number, headers = {}) => banners.ask(`/${id}`, { method: 'DELETE', headers })
  const bodyOf = async (answer: Response) => (await answer.json()) as Body
  async function present(id: number): Promise<Body> {
    const answer = await banners.ask(`/${id}`)
    expect(answer.status).to.equal(200)
    return await bodyOf(answer)
  }
  /** Registers it, and returns its version. */
  async function registered(id: number, body: object = { name: 'a' }): Promise<string> {
    return (await bodyOf(await put(id, body))).version
  }

  it('is registered by PUT, with what is left out by default, and read', async () => {
    const before = banners.refreshes()
    const answer = await put(1, { name: 'Autumn sale 300×250' })
    expect(answer.status).to.equal(201)
    expect(new URL(answer.headers.get('location')!, answer.url).pathname).to.equal('/banners/1')
    const body = await bodyOf(answer)
    const { version, updatedAt, ...content } = body
    expect(content).to.deep.equal({ id: 1, name: 'Autumn sale 300×250', ...least, updatedBy: manager.name })
    expect(version).to.match(UUID)
    expect(Math.abs(Date.parse(updatedAt as string) - Date.now())).to.be.below(60_000)
    expect(answer.headers.get('etag')).to.equal(`"${version}"`)
    expect(answer.headers.get('cache-control')).to.equal('no-store')
    expect(banners.refreshes()).to.equal(before + 1)
    const read = await banners.ask('/1', { key: reader })
    expect(read.headers.get('etag')).to.equal(`"${version}"`)
    expect(await bodyOf(read)).to.deep.equal(body)
  })

  it('is replaced by PUT as a whole, and by what GET has answered', async () => {
    const whole = {
      ...{
        name: 'a',
        target: TARGET,
        campaign: 'autumn',
        labels: ['b', 'a', 'b'],
        passQuery: ['utm_source'],
      },
      ...{ isActive: false, activeFrom: '2026-11-27T10:00:00.5+01:00', activeUntil: '2027-01-01' },
    }
    const first = await registered(2, whole)
    const read = await present(2)
    expect(read).to.include({ target: TARGET, campaign: 'autumn', isActive: false })
    expect(read).to.include({ activeFrom: '2026-11-27T09:00:00.500Z', activeUntil: '2027-01-01T00:00:00Z' })
    expect(read.labels).to.deep.equal(['a', 'b'])
    const same = await put(2, read)
    expect(same.status).to.equal(200)
    expect(await bodyOf(same)).to.deep.equal(read)
    expect(await registered(2, { name: 'a' })).not.to.equal(first)
    expect(await present(2)).to.deep.include(least)
  })

  it('is changed by PATCH in the fields that are given, and null empties', async () => {
    const version = await registered(3, { name: 'a', target: TARGET, campaign: 'autumn', labels: ['a'] })
    const answer = await patch(3, { campaign: null, labels: ['b'] })
    expect(answer.status).to.equal(200)
    const changed = await bodyOf(answer)
    expect(changed).to.deep.include({ ...least, name: 'a', target: TARGET, labels: ['b'] })
    expect(changed.version).not.to.equal(version)
    expect(answer.headers.get('etag')).to.equal(`"${changed.version}"`)
    expect(await bodyOf(await patch(3, { labels: null, passQuery: null }))).to.deep.include({ labels: [] })
  })

  it('keeps its version when nothing changes', async () => {
    const version = await registered(4)
    expect((await bodyOf(await patch(4, {}))).version).to.equal(version)
    expect((await bodyOf(await patch(4, { name: 'a', id: 4, version: 'x' }))).version).to.equal(version)
    expect(await registered(4)).to.equal(version)
  })

  it('is deleted, and then unknown', async () => {
    await registered(5)
    const answer = await remove(5)
    expect(answer.status).to.equal(204)
    expect(answer.headers.get('cache-control')).to.equal('no-store')
    expect(await answer.text()).to.equal('')
    for (const unknown of [await banners.ask('/5'), await patch(5, {}), await remove(5)])
      expect(await messageOf(unknown, 404)).to.include('banner 5 is not registered')
    expect((await put(5, { name: 'again' })).status).to.equal(201)
  })

  it('tells who changed what, and when, the newest first, also when it is deleted', async () => {
    await registered(6, { name: 'a', labels: ['x'] })
    await patch(6, { name: 'b' })
    await patch(6, { name: 'b' })
    await remove(6)
    const answer = await banners.ask('/6/changes', { key: reader })
    const { changes, next } = (await answer.json()) as { changes: Body[]; next: null }
    const whole = { name: 'a', ...least, labels: ['x'] }
    expect(changes.map(({ before, after }) => [before, after])).to.deep.equal([
      [{ ...whole, name: 'b' }, null],
      [{ name: 'a' }, { name: 'b' }],
      [null, whole],
    ])
    expect(next).to.equal(null)
    for (const { by, at } of changes) {
      expect(by).to.equal(manager.name)
      expect(Math.abs(Date.parse(at as string) - Date.now())).to.be.below(60_000)
    }
    const first = (await (await banners.ask('/6/changes?limit=2')).json()) as {
      changes: Body[]
      next: string
    }
    expect(first.changes).to.deep.equal(changes.slice(0, 2))
    const rest = await (await banners.ask(`/6/changes?limit=2&after=${first.next}`)).json()
    expect(rest).to.deep.equal({ changes: changes.slice(2), next: null })
    expect(await messageOf(await banners.ask('/2147483647/changes'), 404)).to.include('not registered')
  })

  it('is not answered again to whom has the version', async () => {
    const version = await registered(7)
    for (const tags of [`"${version}"`, `W/"${version}"`, `"x", W/"${version}"`, '*']) {
      const answer = await banners.ask('/7', { headers: { 'if-none-match': tags } })
      expect([answer.status, await answer.text()], tags).to.deep.equal([304, ''])
      expect(answer.headers.get('etag')).to.equal(`"${version}"`)
    }
    for (const tags of ['"x"', `"${version.toUpperCase()}"`, `"${version}-gzip"`])
      expect((await banners.ask('/7', { headers: { 'if-none-match': tags } })).status, tags).to.equal(200)
    const other = await banners.ask('/7', { headers: { 'if-match': '"x"' } })
    expect(await messageOf(other, 412)).to.include('If-Match')
    expect((await banners.ask('/7', { headers: { 'if-match': `"${version}"` } })).status).to.equal(200)
  })

  it('is changed by who has seen its newest version, and by nobody else who says what he has seen', async () => {
    const version = await registered(8)
    const refused = [`"${crypto.randomUUID()}"`, `W/"${version}"`, '"x", "y"']
    for (const tags of refused)
      for (const answer of [
        await put(8, { name: 'b' }, { 'if-match': tags }),
        await patch(8, { name: 'b' }, { 'if-match': tags }),
        await remove(8, { 'if-match': tags }),
      ])
        expect(await messageOf(answer, 412), tags).to.include('banner 8')
    expect(await present(8)).to.include({ name: 'a', version })
    const second = await patch(8, { name: 'b' }, { 'if-match': `"x", "${version}"` })
    expect(second.status).to.equal(200)
    expect((await put(8, { name: 'c' }, { 'if-match': second.headers.get('etag')! })).status).to.equal(200)
    expect((await remove(8, { 'if-match': '*' })).status).to.equal(204)
  })

  it('is not there for If-Match, and only then for If-None-Match: *', async () => {
    expect(await messageOf(await put(9, { name: 'a' }, { 'if-match': '*' }), 412)).to.include('If-Match')
    expect(await messageOf(await patch(9, { name: 'a' }, { 'if-match': '"x"' }), 404)).to.include('banner 9')
    expect((await put(9, { name: 'a' }, { 'if-none-match': '*' })).status).to.equal(201)
    expect(await messageOf(await put(9, { name: 'b' }, { 'if-none-match': '*' }), 412)).to.include('banner 9')
    expect(await present(9)).to.include({ name: 'a' })
  })

  it('is not changed under conditions that make no sense', async () => {
    const version = await registered(10)
    for (const headers of [{ 'if-match': version }, { 'if-none-match': 'x' }, { 'if-match': '"a" "b"' }])
      for (const answer of [
        await put(10, { name: 'b' }, headers),
        await patch(10, { name: 'b' }, headers),
        await remove(10, headers),
      ])
        expect(await messageOf(answer, 400)).to.match(/must be a list of versions in quotes/)
    const some = { 'if-none-match': `"${version}"` }
    expect(await messageOf(await put(10, { name: 'b' }, some), 400)).to.include('*')
    for (const answer of [await patch(10, { name: 'b' }, some), await remove(10, some)])
      expect(await messageOf(answer, 400)).to.include('If-Match')
    expect(await present(10)).to.include({ name: 'a', version })
  })

  it('is changed by one of two editors at once, in 50 rounds', async () => {
    let version = await registered(11)
    for (let round = 0; round < 50; round++) {
      const headers = { 'if-match': `"${version}"` }
      const names = [`left ${round}`, `right ${round}`]
      const [first, second] = [patch(11, { name: names[0] }, headers), put(11, { name: names[1] }, headers)]
      const answers = await Promise.all([first, second])
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 412])
      const winner = answers.findIndex(({ status }) => status === 200)
      const now = await present(11)
      expect(now.name).to.equal(names[winner])
      version = now.version
      expect(answers[winner]!.headers.get('etag')).to.equal(`"${version}"`)
    }
  })

  it('is registered by one of two at once', async () => {
    const once = { 'if-none-match': '*' }
    const answers = await Promise.all([put(12, { name: 'a' }, once), put(12, { name: 'b' }, once)])
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 412])
  })

  it('is changed in a session by our own page alone, under the name of its key', async () => {
    const { url } = banners.test.thread
    const page = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
    const body = JSON.stringify({ key: manager.text })
    const logIn = await fetch(`${url}/session`, { method: 'POST', headers: page, body })
    const cookie = logIn.headers.getSetCookie()[0]!.split(';')[0]!
    const change = (headers: Record<string, string>) =>
      banners.ask('/13', { method: 'PUT', key: null, body: { name: 'a' }, headers: { cookie, ...headers } })
    for (const from of [{}, { 'sec-fetch-site': 'same-site' }, { origin: 'https://shop.example' }])
      await messageOf(await change(from as Record<string, string>), 403)
    expect((await banners.ask('/13', { key: null, headers: { cookie } })).status).to.equal(404)
    const changed = await change(page)
    expect(changed.status).to.equal(201)
    expect((await bodyOf(changed)).updatedBy).to.equal(manager.name)
  })

  it('is asked for by an id that is one, and without parameters', async () => {
    for (const id of ['0', '-1', '01', '1.0', 'abc', '2147483648', '9'.repeat(300), '1%00', '%F0%9F%98%80'])
      for (const answer of [
        await banners.ask(`/${id}`),
        await banners.ask(`/${id}/changes`),
        await banners.ask(`/${id}`, { method: 'PUT', body: { name: 'a' } }),
        await banners.ask(`/${id}`, { method: 'PATCH', body: {} }),
        await banners.ask(`/${id}`, { method: 'DELETE' }),
      ])
        expect(await messageOf(answer, 400), id).to.include('a banner id is a whole number')
    expect(await messageOf(await banners.ask('/1?limit=1'), 400)).to.include('there is none here')
    expect(await messageOf(await banners.ask('/1', { method: 'POST', body: {} }), 405)).to.include('PATCH')
  })
})

describe('/banners without the database', () => {
  let banners: BannersTest
  before(async () => {
    banners = await startBannersTest()
  })
  after(() => banners.stop())

  it('is 503, says when to ask again and nothing of the database, and changes nothing', async () => {
    expect((await banners.ask('/1', { method: 'PUT', body: { name: 'a' } })).status).to.equal(201)
    banners.proxy.cut()
    const answers = [
      await banners.ask(''),
      await banners.ask('/1'),
      await banners.ask('/1/changes'),
      await banners.ask('/1', { method: 'PUT', body: { name: 'b' } }),
      await banners.ask('/1', { method: 'PATCH', body: { name: 'b' } }),
      await banners.ask('/1', { method: 'DELETE' }),
    ]
    for (const answer of answers) {
      expect(answer.headers.get('retry-after')).to.equal('5')
      expect(await messageOf(answer, 503)).to.include('/health')
    }
    banners.proxy.restore()
    const read = await banners.ask('/1')
    expect(((await read.json()) as Body).name).to.equal('a')
    expect(banners.test.thread.failures.every(({ what }) => what === 'a request was refused')).to.equal(true)
  })

  it('is 503 while another change takes long, and says so', async () => {
    const client = await connect(banners.test.database.server, 'clickcounter test')
    await client.query(`BEGIN; ${statements.lockBanners}`)
    const answer = await banners.ask('/1', { method: 'PATCH', body: { name: 'b' } })
    expect(answer.headers.get('retry-after')).to.equal('5')
    expect(await messageOf(answer, 503)).to.include('somebody else is changing banners')
    await client.query('COMMIT')
    await client.end()
    expect((await banners.ask('/1', { method: 'PATCH', body: { name: 'b' } })).status).to.equal(200)
  })
})
