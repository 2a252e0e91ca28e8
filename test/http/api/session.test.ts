import { expect } from 'chai'
import { makeKeyText } from '../../../lib/access/key-text.ts'
import type { SessionReport } from '../../../lib/access/session-report.ts'
import type { EndedSession } from '../../../lib/access/snapshot.ts'
import { expectError, type HttpTest, startHttpTest } from '../../support/http.ts'
import { accessOf, newKey, snapshotOf } from '../../support/keys.ts'
import { startLane } from '../lane/server.ts'

const HOUR_MS = 3_600_000
const FROM_THE_PAGE = { 'sec-fetch-site': 'same-origin' }
const RANGE = '{"from":"2024-12-12","to":"2024-12-13"}'
const reader = newKey(['read'])
const operator = newKey(['operate'])

describe('/session', () => {
  let test: HttpTest
  let noon: number
  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    fetch(`${test.thread.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
  const logIn = (key: string, headers: Record<string, string> = FROM_THE_PAGE) =>
    send('POST', '/session', { 'content-type': 'application/json', ...headers }, JSON.stringify({ key }))
  const ask = (headers: Record<string, string>) =>
    send('POST', '/stats/1', { 'content-type': 'application/json', ...headers }, RANGE)
  const know = (endedSessions: EndedSession[] = []) =>
    test.thread.keyring.replace({ ...snapshotOf([reader, operator]), endedSessions })

  /** The cookie of a new session, in the form of the request header. */
  async function cookieOf(key: string, headers?: Record<string, string>): Promise<string> {
    const [cookie] = (await logIn(key, headers)).headers.getSetCookie()
    return cookie!.split(';')[0]!
  }
  async function messageOf(answer: Response, status: number): Promise<string> {
    return expectError(answer.status, await answer.text(), status)
  }

  before(async () => {
    test = await startHttpTest()
    noon = test.thread.clock.nowMs
  })
  beforeEach(() => {
    test.thread.clock.nowMs = noon
    know()
  })
  after(() => test.stop())

  it('says what is open', async () => {
    const said = async () => (await send('GET', '/session')).json()
    const nobody = { name: null, until: null }
    expect(await said()).to.deep.equal({ known: true, open: false, scopes: [], ...nobody })
    test.thread.keyring.replace(snapshotOf([]))
    expect(await said()).to.deep.equal({ known: true, open: true, scopes: ['count', 'read'], ...nobody })
  })

  it('gives a session for a key, in a cookie that no script and no other site can use', async () => {
    const answer = await logIn(reader.text)
    const report = { known: true, open: false, name: 'read', scopes: ['read'] }
    const until = new Date(noon + 12 * HOUR_MS).toISOString()
    expect(await answer.json()).to.deep.equal({ ...report, until })
    expect(answer.headers.get('cache-control')).to.equal('no-store')
    const [cookie, ...others] = answer.headers.getSetCookie()
    expect(others).to.deep.equal([])
    expect(cookie).to.match(
      /^clickcounter=[\w.-]+; Max-Age=43200; Expires=[^;]+; HttpOnly; SameSite=Strict; Path=\/$/,
    )
    expect(cookie).not.to.include(reader.text)
    const mine = { cookie: cookie!.split(';')[0]! }
    expect(await (await send('GET', '/session', mine)).json()).to.deep.equal({ ...report, until })
    expect((await ask({ ...mine, ...FROM_THE_PAGE })).status).to.equal(200)
    expect(test.thread.usedKeys).to.include(reader.id)
  })

  it('gives one for https alone to a page that came by https', async () => {
    const headers = { ...FROM_THE_PAGE, origin: 'https://clicks.example' }
    const answer = await logIn(reader.text, headers)
    const [cookie] = answer.headers.getSetCookie()
    expect(cookie).to.match(/^__Host-clickcounter=[\w.-]+; .*; Secure; HttpOnly; SameSite=Strict; Path=\/$/)
    const secure = cookie!.split(';')[0]!
    const plain = await cookieOf(reader.text)
    const swapped = [secure.replace('__Host-', ''), `__Host-${plain}`]
    const statuses = [secure, plain, ...swapped].map(
      async cookie => (await ask({ cookie, ...FROM_THE_PAGE })).status,
    )
    expect(await Promise.all(statuses)).to.deep.equal([200, 200, 401, 401])
  })

  it('takes the right one of several cookies, and the secure one first', async () => {
    const plain = await cookieOf(operator.text)
    const secure = await cookieOf(reader.text, { ...FROM_THE_PAGE, origin: 'https://clicks.example' })
    const cookie = `a=b; clickcounter=1; ${plain};${secure}; clickcounter=; c`
    const report = (await (await send('GET', '/session', { cookie })).json()) as SessionReport
    expect(report.name).to.equal(reader.name)
  })

  for (const [what, key, status, message] of [
    ['a mistyped key', 'cck_1', 401, /mistyped/],
    ['a key that is not in force', makeKeyText(), 401, /not in force/],
    ['no key', '', 401, /mistyped/],
  ] as const)
    it(`refuses ${what}, and repeats nothing of it`, async () => {
      const answer = await logIn(key)
      expect(answer.headers.getSetCookie()).to.deep.equal([])
      const said = await messageOf(answer, status)
      expect(said).to.match(message)
      if (key !== '') expect(said).not.to.include(key)
    })

  it('refuses a body of another form, and repeats nothing of it', async () => {
    const json = { 'content-type': 'application/json', ...FROM_THE_PAGE }
    for (const body of ['', '{}', '[]', 'null', '"secret"', '{"key":7}', '{"key":"secret","a":1}', '{"key":'])
      expect(await messageOf(await send('POST', '/session', json, body), 400))
        .to.match(/form|JSON/)
        .and.not.include('secret')
    const form = { ...FROM_THE_PAGE, 'content-type': 'application/x-www-form-urlencoded' }
    await messageOf(await send('POST', '/session', form, `key=${reader.text}`), 415)
    await messageOf(
      await send('POST', '/session', { ...FROM_THE_PAGE, 'content-type': 'text/plain' }, '{}'),
      415,
    )
  })

  it('logs nobody in who does not come from the page', async () => {
    for (const headers of [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: test.thread.url },
      { origin: 'http://evil.example' },
    ]) {
      const answer = await logIn(reader.text, headers as Record<string, string>)
      expect(answer.headers.getSetCookie()).to.deep.equal([])
      await messageOf(answer, 403)
    }
    expect((await logIn(reader.text, { origin: test.thread.url })).status).to.equal(200)
  })

  it('lets a session change and ask nothing from elsewhere, and lets it read', async () => {
    const cookie = await cookieOf(reader.text)
    expect((await ask({ cookie, ...FROM_THE_PAGE })).status).to.equal(200)
    expect((await ask({ cookie, origin: test.thread.url })).status).to.equal(200)
    expect(await messageOf(await ask({ cookie }), 403)).to.match(/Bearer/)
    await messageOf(await ask({ cookie, 'sec-fetch-site': 'same-site' }), 403)
    await messageOf(await send('DELETE', '/session', { cookie, 'sec-fetch-site': 'cross-site' }), 403)
    expect((await ask({ cookie, ...FROM_THE_PAGE })).status).to.equal(200)
    // A key proves itself.
    const authorization = `Bearer ${reader.text}`
    expect((await ask({ cookie, authorization, 'sec-fetch-site': 'cross-site' })).status).to.equal(200)
  })

  it('makes and revokes keys for nobody but the page', async () => {
    const cookie = await cookieOf(operator.text)
    expect((await send('GET', '/keys', { cookie })).status).to.equal(200)
    const key = '{"name":"mine","scopes":["operate"]}'
    for (const headers of [{}, { 'sec-fetch-site': 'same-site' }, { origin: 'http://evil.example' }]) {
      const all: Record<string, string> = { cookie, ...headers, 'content-type': 'application/json' }
      await messageOf(await send('POST', '/keys', all, key), 403)
      await messageOf(await send('DELETE', `/keys/${reader.id}`, all), 403)
    }
    expect(await test.database.query('SELECT id FROM access_keys')).to.deep.equal([])
    const made = await send(
      'POST',
      '/keys',
      { cookie, ...FROM_THE_PAGE, 'content-type': 'application/json' },
      key,
    )
    expect(made.status).to.equal(201)
  })

  it('ends with 12 hours, with its key, and with the log-out', async () => {
    const cookie = await cookieOf(reader.text)
    const mine = { cookie, ...FROM_THE_PAGE }
    test.thread.clock.nowMs = noon + 12 * HOUR_MS
    await messageOf(await ask(mine), 401)
    test.thread.clock.nowMs = noon
    test.thread.keyring.replace(snapshotOf([operator]))
    await messageOf(await ask(mine), 401)
    know()
    const out = await send('DELETE', '/session', mine)
    expect(((await out.json()) as SessionReport).name).to.equal(null)
    expect(out.headers.getSetCookie()).to.have.length(1)
    expect(out.headers.getSetCookie()[0]).to.match(/^clickcounter=; Max-Age=0; /)
    const ended = await test.database.query('SELECT id, ends_at FROM ended_sessions')
    expect(ended).to.deep.equal([
      { id: cookie.slice('clickcounter='.length).split('.')[0], ends_at: new Date(noon + 12 * HOUR_MS) },
    ])
  })

  it('believes a trusted proxy, and nobody else, that it came by https and what host was asked', async () => {
    const told = {
      origin: 'http://clicks.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'clicks.example',
    }
    await messageOf(await logIn(reader.text, told), 403)
    const access = accessOf()
    access.keyring.replace(snapshotOf([reader]))
    const server = await startLane({ access, settings: { TRUSTED_PROXIES: '127.0.0.1' } })
    const headers = { 'content-type': 'application/json', ...told }
    const body = JSON.stringify({ key: reader.text })
    const answer = await fetch(`http://127.0.0.1:${server.port}/session`, { method: 'POST', headers, body })
    expect(answer.headers.getSetCookie()[0]).to.match(/^__Host-clickcounter=[\w.-]+; .*; Secure; /)
    await answer.text()
    await server.stop()
  })

  it('is over where no session is, without any proof', async () => {
    const answer = await send('DELETE', '/session', {})
    expect([answer.status, answer.headers.getSetCookie()]).to.deep.equal([200, []])
    await answer.text()
  })
})
