import net from 'node:net'
import { expect } from 'chai'
import { connect } from '../../../db/connection/connect.ts'
import { openApiDocument } from '../../../lib/http/api/operations/document.ts'
import { MAX_IMPORT_BYTES } from '../../../lib/http/api/routes/banner-list-operations.ts'
import { REQUEST_PLACES } from '../../../lib/http/listener/limits.ts'
import { isLight } from '../../../lib/http/listener/route-kind.ts'
import { CONTROL, SERVICE_SERVING, SERVICE_STOPPING } from '../../../lib/memory/layout.ts'
import { TestBanners } from '../../support/banners.ts'
import { createRouteTable, Documented } from '../../support/documented.ts'
import { type HttpTest, startHttpTest } from '../../support/http.ts'
import { accessOf, newKey, snapshotOf } from '../../support/keys.ts'
import { type PostgresProxy, startPostgresProxy } from '../../support/proxy.ts'
import { type RawAnswer, type RequestParts, requestText, talk } from '../../support/raw-http.ts'
import { startLane } from '../lane/server.ts'
import { FROM_THE_PAGE, good, key, special } from './documented-requests.ts'

const KEY = `Authorization: Bearer ${key.text}`

const MANY_KEYS = `
  INSERT INTO access_keys (id, name, hash, scopes, created_at, created_by)
  SELECT gen_random_uuid(), 'many', 'hash ' || nth, '{read}', now(), 'test' FROM generate_series(1, 1000) AS nth`
const clicks = ['countByGet', 'countByPost', 'countByPixel', 'follow', 'countMany']
/** They ask Postgres. */
const stored = [
  ...['readClicks', 'readClicksByQuery', 'readManyClicks', 'readManyClicksByQuery', 'exportClicks'],
  ...['listKeys', 'createKey', 'revokeKey', 'rotateKey'],
  ...[
    'listBanners',
    'importBanners',
    'readBanner',
    'putBanner',
    'changeBanner',
    'deleteBanner',
    'listBannerChanges',
  ],
]
const states = ['reportHealth', 'allowHealth', 'reportReady', 'checkReady', 'checkRoot']

describe('the documented answers', () => {
  let test: HttpTest
  let proxy: PostgresProxy
  let documented: Documented
  let halves: Promise<unknown>
  /** Operations that need a key. */
  let closed: string[]
  const seen = new Set<string>()
  before(async () => {
    const server = createRouteTable()
    const document = openApiDocument(server.table())
    documented = new Documented(document)
    closed = Object.values(document.paths)
      .flatMap(methods => Object.values(methods) as { operationId: string; security: unknown[] }[])
      .flatMap(({ operationId, security }) => (security.length > 0 ? [operationId] : []))
    await server.stop()
    const banners = new TestBanners().put(1, { target: 'https://shop.example/' }).forThread()
    test = await startHttpTest({
      banners,
      through: async server => {
        proxy = await startPostgresProxy(server)
        return proxy.server
      },
    })
    test.thread.keyring.replace(snapshotOf([key]))
    good.revokeKey = { ...good.revokeKey, target: `/keys/${await makeKey()}` }
    good.rotateKey = { ...good.rotateKey, target: `/keys/${await makeKey()}/rotate` }
    await ask({ ...good.putBanner, target: good.deleteBanner!.target! })
    halves = Promise.all(
      Object.values(good).map(parts => send(parts, `${startLine(parts)}Host: counter\r\n`)),
    )
    // Looked at last, since they take their time.
    halves.catch(() => {})
  })
  after(async () => {
    // A start that failed half-way has left some of these out, and the others would keep the run.
    proxy?.restore()
    await test?.stop()
    await proxy?.close()
  })

  /** Its id. */
  async function makeKey(): Promise<string> {
    return JSON.parse((await ask(good.createKey!)).body).key.id
  }

  /** Asserts that the answer is documented, and notes which one it is. */
  function expectDocumented({ method = 'GET', target = '/' }: RequestParts, answers: RawAnswer[]): RawAnswer {
    expect(answers, `${method} ${target}`).to.have.length(1)
    const answer = { method, path: target, ...answers[0]! }
    expect(documented.mistakes(answer)).to.deep.equal([])
    seen.add(documented.nameOf(answer))
    return answer
  }

  async function ask(parts: RequestParts, authorization = [KEY]): Promise<RawAnswer> {
    const length = parts.body === undefined ? [] : [`Content-Length: ${parts.body.length}`]
    const headers = [...authorization, ...(parts.headers ?? []), ...length, 'Connection: close']
    return expectDocumented(parts, await talk(test.thread.port, requestText({ ...parts, headers })))
  }

  /** As ask, with the very bytes of the request. */
  async function send(parts: RequestParts, text: string): Promise<void> {
    expectDocumented(parts, await talk(test.thread.port, text))
  }

  const startLine = ({ method = 'GET', target }: RequestParts) => `${method} ${target} HTTP/1.1\r\n`

  it('are those of good requests, and of HEAD', async () => {
    for (const parts of Object.values(good)) {
      expect((await ask(parts)).status, parts.target).to.be.below(400)
      if (parts.method !== undefined) continue
      const text = startLine({ ...parts, method: 'HEAD' })
      await send({ ...parts, method: 'HEAD' }, `${text}Host: counter\r\nConnection: close\r\n\r\n`)
    }
  })

  for (const [name, parts] of Object.entries(special))
    it(`are ${name}, asked for`, async () => {
      await ask(parts)
      expect(seen).to.include(name)
    })

  it('are 409 for keys of which there are too many', async () => {
    const client = await connect(test.database.server, 'clickcounter test')
    await client.query(MANY_KEYS)
    await client.end()
    expect((await ask(good.createKey!)).status).to.equal(409)
  })

  it('are 304 for whom nothing has changed', async () => {
    for (const parts of Object.values(good)) {
      const { etag } = (await ask(parts)).headers
      if (etag === undefined || parts.method !== undefined) continue
      expect((await ask({ ...parts, headers: [`If-None-Match: ${etag}`] })).status).to.equal(304)
    }
  })

  it('are those of who logs out: from elsewhere, without the database, and well', async () => {
    const [cookie] = (await ask(good.logIn!)).headers['set-cookie']!.split(';')
    const out = { method: 'DELETE', target: '/session', headers: [`Cookie: ${cookie}`] }
    expect((await ask(out)).status).to.equal(403)
    const mine = { ...out, headers: [...out.headers, FROM_THE_PAGE] }
    proxy.cut()
    expect((await ask(mine)).status).to.equal(503)
    proxy.restore()
    expect((await ask(mine)).status).to.equal(200)
  })

  it('are 429 for clicks of a client that has sent too many', async () => {
    const banners = new TestBanners().put(1, { target: 'https://shop.example/' }).forThread()
    const server = await startLane({ banners, settings: { CLIENT_CLICKS_PER_MINUTE: '1' } })
    const page = { ...good.follow!, headers: ['Accept: text/html'] }
    const answerTo = async (parts: RequestParts) => {
      const headers = [
        ...(parts.headers ?? []),
        `Content-Length: ${parts.body?.length ?? 0}`,
        'Connection: close',
      ]
      return expectDocumented(parts, await talk(server.port, requestText({ ...parts, headers }))).status
    }
    expect(await answerTo(good.countByGet!)).to.equal(204)
    for (const parts of [good.countByGet!, good.countByPost!, good.countByPixel!, good.follow!, page])
      expect(await answerTo(parts)).to.equal(429)
    await server.stop()
  })

  it('are 422 for a bulk with the Idempotency-Key of another one', async () => {
    const server = await startLane()
    const answerTo = async (body: string) => {
      const headers = ['Idempotency-Key: a', `Content-Length: ${body.length}`, 'Connection: close']
      const parts = { ...good.countMany!, headers: [...good.countMany!.headers!, ...headers], body }
      return expectDocumented(parts, await talk(server.port, requestText(parts))).status
    }
    expect(await answerTo(good.countMany!.body!)).to.equal(202)
    expect(await answerTo('{"clicks":[{"id":1}]}')).to.equal(422)
    await server.stop()
  })

  it('are 404 for clicks of unknown banners where these are refused, and 503 for one that nobody can lead on yet', async () => {
    const banners = new TestBanners()
    const server = await startLane({ banners: banners.forThread(), settings: { UNKNOWN_BANNERS: 'refuse' } })
    const answerTo = async (parts: RequestParts) => {
      const length = parts.body === undefined ? [] : [`Content-Length: ${parts.body.length}`]
      const headers = [...(parts.headers ?? []), ...length, 'Connection: close']
      return expectDocumented(parts, await talk(server.port, requestText({ ...parts, headers }))).status
    }
    for (const name of ['countByGet', 'countByPost', 'countByPixel', 'follow'])
      expect(await answerTo(good[name]!), name).to.equal(404)
    banners.isKnown = false
    banners.edition++
    for (const headers of [[], ['Accept: text/html']])
      expect(await answerTo({ ...good.follow, headers })).to.equal(503)
    await server.stop()
  })

  it('are 503 for a log-in before it is known which sessions were logged out', async () => {
    const adminKey = 'a'.repeat(32)
    const server = await startLane({ access: accessOf(adminKey) })
    const body = JSON.stringify({ key: adminKey })
    const headers = [...good.logIn!.headers!, `Content-Length: ${body.length}`, 'Connection: close']
    const text = requestText({ method: 'POST', target: '/session', headers, body })
    const answer = expectDocumented(good.logIn!, await talk(server.port, text))
    expect(answer.status).to.equal(503)
    await server.stop()
  })

  it('are 503 while clicks are refused, while the service stops, and without the database', async () => {
    test.thread.refuseClicks(true)
    for (const name of [...clicks, ...states]) expect((await ask(good[name]!)).status, name).to.equal(503)
    test.thread.refuseClicks(false)
    const { i32 } = test.thread.memory
    Atomics.store(i32, CONTROL.serviceState, SERVICE_STOPPING)
    expect((await ask(good.reportHealth!)).status).to.equal(503)
    Atomics.store(i32, CONTROL.serviceState, SERVICE_SERVING)
    proxy.cut()
    for (const name of stored) expect((await ask(good[name]!)).status, name).to.equal(503)
    // It may be answered from a second ago.
    while ((await ask(good.reportFleet!)).status !== 503);
    expect((await ask(good.reportHealth!)).status).to.equal(200)
    proxy.restore()
  })

  it('are 400, 413, 417 and 431 for any request that breaks the rules', async () => {
    for (const [name, parts] of Object.entries(good)) {
      const start = startLine(parts)
      const tooLong = name === 'importBanners' ? MAX_IMPORT_BYTES + 1 : 1048577
      await send(parts, `${start}Connection: close\r\n\r\n`)
      await send(parts, `${start}Host: counter\r\nContent-Length: ${tooLong}\r\n\r\n`)
      await send(parts, `${start}Host: counter\r\nExpect: miracles\r\n\r\n`)
      await send(parts, `${start}Host: counter\r\nX-Filler: ${'x'.repeat(33_000)}\r\n\r\n`)
    }
  })

  it('are 401, 403 and 429 for who is not let in', async () => {
    const powerless = newKey([])
    const bearer = (text: string) => [`Authorization: Bearer ${text}`]
    test.thread.keyring.replace(snapshotOf([key, powerless]))
    for (const name of closed) {
      expect((await ask(good[name]!, [])).status, name).to.equal(401)
      expect((await ask(good[name]!, bearer(powerless.text))).status, name).to.equal(403)
    }
    for (let nth = 0; nth < 10; nth++) await ask(good.countMany!, bearer('wrong'))
    for (const name of closed) expect((await ask(good[name]!, bearer('wrong'))).status, name).to.equal(429)
    expect((await ask(special['logIn 401 application/json']!)).status).to.equal(429)
  })

  it('are 429 while too many requests of the client wait for their answers', async () => {
    const head = 'POST /counter HTTP/1.1\r\nHost: counter\r\nContent-Length: 2\r\n\r\n'
    const holders = Array.from({ length: REQUEST_PLACES / 2 }, () =>
      net.connect(test.thread.port).on('error', () => {}),
    )
    for (const holder of holders) holder.write(head)
    while ((await ask(good.reportHealth!)).status !== 429);
    for (const [name, parts] of Object.entries(good))
      if (!isLight(parts.target ?? '/')) expect((await ask(parts)).status, name).to.equal(429)
    for (const holder of holders) holder.destroy()
    while ((await ask(good.reportHealth!)).status === 429);
  })

  it('are 408 for any request that does not arrive', async () => {
    await halves
  })

  it('are all that is documented, but for 500, which no request brings about', () => {
    const names = documented.names().filter(name => !name.includes(' 500 '))
    expect([...seen].sort()).to.deep.equal(names.sort())
  })
})
